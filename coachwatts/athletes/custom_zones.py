"""Zones that the athlete chose. They stay as they are whatever thresholds do, until the athlete resets them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple
from uuid import UUID

from coachwatts.analytics.zones import adjoining
from coachwatts.athletes import trail
from coachwatts.athletes.repository import zones as repository
from coachwatts.athletes.repository.writers import wait_for_turn
from coachwatts.athletes.trail import Author, Facts, Subject
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import ErrorCode, InvalidInput
from coachwatts.models.athlete import Discipline, TrainingZone, ZoneMetric

FEWEST, MOST = 2, 12
HIGHEST = {ZoneMetric.HR: 260, ZoneMetric.POWER: 3000, ZoneMetric.PACE: 30}
UNITS = {ZoneMetric.HR: "bpm", ZoneMetric.POWER: "W", ZoneMetric.PACE: "m/s"}


class Place(NamedTuple):
    discipline: Discipline
    metric: ZoneMetric


@dataclass(frozen=True, slots=True)
class Start:
    """Where a zone begins; it ends where the next one begins, so that there can be no hole."""

    name: str
    lower: float
    description: str | None = None


async def replace(session: WriteSession, author: Author, athlete_id: UUID, place: Place, starts: Sequence[Start]) -> list[TrainingZone]:
    """The whole list at once."""
    checked = _checked(place.metric, starts)
    await wait_for_turn(session, athlete_id)
    before = await repository.remove(session, athlete_id, *place)
    bounds = adjoining([start.lower for start in checked])
    after = [
        TrainingZone(athlete_id=athlete_id, **place._asdict(), number=number, upper=upper, **asdict(start))
        for number, (start, (_, upper)) in enumerate(zip(checked, bounds, strict=True), start=1)
    ]
    session.add_all(after)
    await session.flush()
    trail.leave(session, author, "zones.set", _subject(athlete_id, place), before=_facts(before), after=_facts(after))
    return after


async def reset(session: WriteSession, author: Author, athlete_id: UUID, place: Place) -> None:
    """Back to derived zones. Nothing to reset is fine."""
    await wait_for_turn(session, athlete_id)
    before = await repository.remove(session, athlete_id, *place)
    trail.leave(session, author, "zones.reset", _subject(athlete_id, place), before=_facts(before), after=_facts([]))


def _checked(metric: ZoneMetric, starts: Sequence[Start]) -> list[Start]:
    if not FEWEST <= len(starts) <= MOST:
        raise InvalidInput.of("zones", f"Give {FEWEST} to {MOST} zones.", ErrorCode.OUT_OF_RANGE)
    checks = Checks()
    checked = [_checked_start(checks, f"zones.{index}", metric, start) for index, start in enumerate(starts)]
    if starts[0].lower != 0:
        checks.problem("zones.0.lower", ErrorCode.INVALID, "The first zone begins at 0, so that every value has its zone.")
    for index in range(1, len(starts)):
        if starts[index].lower <= starts[index - 1].lower:
            checks.problem(f"zones.{index}.lower", ErrorCode.INVALID, "Begin this zone above the one before it.")
    checks.done()
    return checked


def _checked_start(checks: Checks, path: str, metric: ZoneMetric, start: Start) -> Start:
    checks.number(f"{path}.lower", start.lower, 0, HIGHEST[metric], UNITS[metric])
    if metric is not ZoneMetric.PACE and start.lower % 1:
        checks.problem(f"{path}.lower", ErrorCode.INVALID, f"Give whole {UNITS[metric]}.")
    name = checks.text(f"{path}.name", start.name, least=1, most=60)
    return Start(name, start.lower, checks.optional_text(f"{path}.description", start.description, most=500))


def _subject(athlete_id: UUID, place: Place) -> Subject:
    return Subject(athlete_id, "training_zone", ":".join(place))


def _facts(rows: Sequence[TrainingZone]) -> Facts:
    return {"zones": [{"name": row.name, "lower": row.lower, "description": row.description} for row in rows]}
