from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.athlete import Discipline, TrainingZone, ZoneMetric


async def by_athletes(session: ReadSession, athlete_ids: Sequence[UUID]) -> dict[UUID, list[TrainingZone]]:
    """Custom zones of all disciplines, each list from low to high."""
    order = (TrainingZone.athlete_id, TrainingZone.discipline, TrainingZone.metric, TrainingZone.number)
    statement = select(TrainingZone).where(TrainingZone.athlete_id.in_(athlete_ids)).order_by(*order)
    found: dict[UUID, list[TrainingZone]] = {athlete_id: [] for athlete_id in athlete_ids}
    for zone in await session.scalars(statement):
        found[zone.athlete_id].append(zone)
    return found


async def remove(session: WriteSession, athlete_id: UUID, discipline: Discipline, metric: ZoneMetric) -> list[TrainingZone]:
    """What was there."""
    place = (TrainingZone.athlete_id == athlete_id, TrainingZone.discipline == discipline, TrainingZone.metric == metric)
    removed = await session.scalars(delete(TrainingZone).where(*place).returning(TrainingZone))
    return sorted(removed, key=lambda zone: zone.number)
