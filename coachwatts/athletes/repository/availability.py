from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from coachwatts.db.session import ReadSession
from coachwatts.models.athlete import Availability


async def by_athletes(session: ReadSession, athlete_ids: Sequence[UUID]) -> dict[UUID, list[Availability]]:
    """The days that something was said about, Monday first."""
    statement = select(Availability).where(Availability.athlete_id.in_(athlete_ids)).order_by(Availability.athlete_id, Availability.weekday)
    found: dict[UUID, list[Availability]] = {athlete_id: [] for athlete_id in athlete_ids}
    for day in await session.scalars(statement):
        found[day.athlete_id].append(day)
    return found


async def week(session: ReadSession, athlete_id: UUID) -> dict[int, Availability]:
    return {day.weekday: day for day in (await by_athletes(session, [athlete_id]))[athlete_id]}
