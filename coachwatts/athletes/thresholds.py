"""Thresholds with their history: what the athlete sets counts at once, what others say is a proposal unless they chose otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from coachwatts.athletes import rules, trail
from coachwatts.athletes.repository import thresholds as repository
from coachwatts.athletes.repository.writers import wait_for_turn
from coachwatts.athletes.rules import Doubt, Values
from coachwatts.athletes.trail import Author, Subject
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, ErrorCode, InvalidInput, NotFound, Problem
from coachwatts.ids import new_id
from coachwatts.models.athlete import Discipline, Threshold, ThresholdSource, ThresholdStatus

MOST = 1000  # a value a week for twenty years
OLDEST_YEARS = 100
NO_VALUE = Problem(ErrorCode.REQUIRED, "Give at least one value. To take a threshold away, remove it.")


@dataclass(frozen=True, slots=True)
class Saved:
    threshold: Threshold
    doubts: list[Doubt]


async def set_on_day(
    session: WriteSession, author: Author, athlete_id: UUID, *, discipline: Discipline, day: date, values: Values
) -> Saved:
    """One threshold a discipline and day: what is given is set or, with None, cleared; the rest of that day's values stay."""
    if not values:
        raise InvalidInput(NO_VALUE)
    history = await history_for_writing(session, athlete_id)
    threshold = rules.on_day(history, discipline, day)
    before = trail.facts(threshold) if threshold else None
    if threshold is None:
        threshold = new(athlete_id, discipline, day)
        history = _with_one_more(history, threshold)
    _apply(threshold, values)
    check(history, threshold, values)
    session.add(threshold)
    await session.flush()
    trail.leave(session, author, "threshold.set", Subject.of(threshold), before=before, after=trail.facts(threshold))
    return Saved(threshold, rules.doubts(values))


async def update(
    session: WriteSession, author: Author, athlete_id: UUID, threshold_id: UUID, *, values: Values, day: date | None = None
) -> Saved:
    history = await history_for_writing(session, athlete_id)
    threshold = next((row for row in history if row.id == threshold_id), None)
    if threshold is None:
        await find(session, athlete_id, threshold_id)
        raise Conflict("This is a proposal. Accept or reject it.", field="id")
    before, given = trail.facts(threshold), values
    if day and day != threshold.effective_from:
        given = {**rules.values_of(threshold), **values}  # on another day all of them meet other neighbours
        if rules.on_day(history, Discipline(threshold.discipline), day):
            raise Conflict("There is a threshold on that day already. Change that one, or remove it first.", field="effective_from")
        threshold.effective_from = day
    _apply(threshold, values)
    check(history, threshold, given)
    await session.flush()
    trail.leave(session, author, "threshold.changed", Subject.of(threshold), before=before, after=trail.facts(threshold))
    return Saved(threshold, rules.doubts(values))


async def remove(session: WriteSession, author: Author, athlete_id: UUID, threshold_id: UUID) -> None:
    await wait_for_turn(session, athlete_id)
    threshold = await find(session, athlete_id, threshold_id)
    await session.delete(threshold)
    trail.leave(session, author, "threshold.removed", Subject.of(threshold), before=trail.facts(threshold))


def _apply(threshold: Threshold, values: Values) -> None:
    """The athlete's word: the row counts as entered by hand from now on."""
    for kind, value in values.items():
        setattr(threshold, kind, value)
    threshold.source = ThresholdSource.MANUAL


async def history_for_writing(session: WriteSession, athlete_id: UUID) -> list[Threshold]:
    await wait_for_turn(session, athlete_id)
    return await repository.history(session, athlete_id)


async def find(session: WriteSession, athlete_id: UUID, threshold_id: UUID) -> Threshold:
    threshold = await repository.by_id(session, athlete_id, threshold_id)
    if threshold is None:
        raise NotFound(field="id")
    return threshold


def new(athlete_id: UUID, discipline: Discipline, day: date) -> Threshold:
    return Threshold(id=new_id(), athlete_id=athlete_id, discipline=discipline, effective_from=day, status=ThresholdStatus.ACTIVE)


def _with_one_more(history: Sequence[Threshold], threshold: Threshold) -> list[Threshold]:
    if len(history) >= MOST:
        raise Conflict(f"There are {MOST} thresholds already. Remove some that you no longer need.")
    return [*history, threshold]


def check(history: Sequence[Threshold], threshold: Threshold, given: Values) -> None:
    checks = Checks()
    checks.past("effective_from", threshold.effective_from, years=OLDEST_YEARS)
    rules.check_ranges(checks, given)
    checks.done()  # figures out of range would only repeat themselves below
    rules.check_together(checks, history, threshold, given)
    checks.done()
    if not rules.values_of(threshold):
        raise InvalidInput(NO_VALUE)
