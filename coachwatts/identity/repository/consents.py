from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from coachwatts.db.session import ReadSession
from coachwatts.models.trust import Consent


async def all_of(session: ReadSession, user_id: UUID) -> Sequence[Consent]:
    """Newest first."""
    statement = select(Consent).where(Consent.user_id == user_id).order_by(Consent.granted_at.desc(), Consent.id.desc())
    return (await session.scalars(statement)).all()


async def standing(session: ReadSession, user_id: UUID, kind: str) -> Consent | None:
    """The one that was given and not withdrawn."""
    mine = (Consent.user_id == user_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
    found: Consent | None = await session.scalar(select(Consent).where(*mine))
    return found
