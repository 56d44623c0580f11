from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession
from coachwatts.models.athlete import Discipline, Threshold, ThresholdStatus

NEWEST_FIRST = Keyset("thresholds", (Threshold.effective_from, Threshold.id))


@dataclass(frozen=True, slots=True)
class Filter:
    discipline: Discipline | None = None
    status: ThresholdStatus | None = None
    since: date | None = None
    until: date | None = None


async def histories(session: ReadSession, athlete_ids: Sequence[UUID]) -> dict[UUID, list[Threshold]]:
    """What is or was valid, oldest first."""
    statement = (
        select(Threshold)
        .where(Threshold.athlete_id.in_(athlete_ids), Threshold.status == ThresholdStatus.ACTIVE)
        .order_by(Threshold.athlete_id, Threshold.discipline, Threshold.effective_from)
    )
    found: dict[UUID, list[Threshold]] = {athlete_id: [] for athlete_id in athlete_ids}
    for threshold in await session.scalars(statement):
        found[threshold.athlete_id].append(threshold)
    return found


async def history(session: ReadSession, athlete_id: UUID) -> list[Threshold]:
    return (await histories(session, [athlete_id]))[athlete_id]


async def by_id(session: ReadSession, athlete_id: UUID, threshold_id: UUID) -> Threshold | None:
    return await session.get(Threshold, (athlete_id, threshold_id))


async def on_day(session: ReadSession, athlete_id: UUID, discipline: Discipline, day: date) -> list[Threshold]:
    """Of every status."""
    place = (Threshold.athlete_id == athlete_id, Threshold.discipline == discipline, Threshold.effective_from == day)
    return list(await session.scalars(select(Threshold).where(*place)))


async def page(session: ReadSession, athlete_id: UUID, chosen: Filter, window: Window) -> Page[Threshold]:
    statement = NEWEST_FIRST.limit(_matching(select(Threshold), athlete_id, chosen), window)
    return cut((await session.scalars(statement)).all(), window)


async def count(session: ReadSession, athlete_id: UUID, chosen: Filter) -> int:
    statement = _matching(select(func.count()).select_from(Threshold), athlete_id, chosen)
    return (await session.scalar(statement)) or 0


def _matching(statement: Select[Any], athlete_id: UUID, chosen: Filter) -> Select[Any]:
    statement = statement.where(Threshold.athlete_id == athlete_id)
    if chosen.discipline:
        statement = statement.where(Threshold.discipline == chosen.discipline)
    if chosen.status:
        statement = statement.where(Threshold.status == chosen.status)
    if chosen.since:
        statement = statement.where(Threshold.effective_from >= chosen.since)
    if chosen.until:
        statement = statement.where(Threshold.effective_from <= chosen.until)
    return statement
