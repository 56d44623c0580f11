from collections.abc import Sequence

from sqlalchemy import select

from coachwatts.db.session import ReadSession
from coachwatts.models.trust import Consent


async def all_of(session: ReadSession) -> Sequence[Consent]:
    """Of the people in scope, newest first."""
    return list(await session.scalars(select(Consent).order_by(Consent.granted_at.desc(), Consent.id.desc())))


async def open_one(session: ReadSession, kind: str) -> Consent | None:
    found: Consent | None = await session.scalar(select(Consent).where(Consent.kind == kind, Consent.withdrawn_at.is_(None)))
    return found
