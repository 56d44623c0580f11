from uuid import UUID

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.orm import aliased

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession
from coachwatts.models.trust import AuditEvent

NEWEST = Keyset("audit", (AuditEvent.at, AuditEvent.id))


def _about(person_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What this person did, and what others did with their data: apart, each has an index in the order of the trail."""
    by_others = (AuditEvent.athlete_id == person_id) & AuditEvent.actor_id.is_distinct_from(AuditEvent.athlete_id)
    return AuditEvent.actor_id == person_id, by_others


async def page(session: ReadSession, person_id: UUID, window: Window) -> Page[AuditEvent]:
    halves = union_all(*(NEWEST.limit(select(AuditEvent).where(half), window).subquery().select() for half in _about(person_id)))
    event = aliased(AuditEvent, halves.subquery())
    merged = Keyset(NEWEST.name, (event.at, event.id)).limit(select(event), Window(window.limit, backward=window.backward))
    return cut((await session.scalars(merged)).all(), window)


async def count(session: ReadSession, person_id: UUID) -> int:
    done, suffered = (select(func.count()).select_from(AuditEvent).where(half).scalar_subquery() for half in _about(person_id))
    return await session.scalar(select(done + suffered)) or 0
