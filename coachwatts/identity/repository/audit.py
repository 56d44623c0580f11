from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession
from coachwatts.models.trust import AuditEvent

NEWEST = Keyset("audit", (AuditEvent.at, AuditEvent.id))


def _about(person_id: UUID) -> Any:
    return or_(AuditEvent.actor_id == person_id, AuditEvent.athlete_id == person_id)


async def page(session: ReadSession, person_id: UUID, window: Window) -> Page[AuditEvent]:
    """What this person did, and what was done to their data."""
    statement = NEWEST.limit(select(AuditEvent).where(_about(person_id)), window)
    return cut(list(await session.scalars(statement)), window)


async def count(session: ReadSession, person_id: UUID) -> int:
    return int(await session.scalar(select(func.count()).select_from(AuditEvent).where(_about(person_id))) or 0)
