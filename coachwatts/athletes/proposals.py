"""What a provider or an estimate says about thresholds: a proposal, unless the athlete switched auto-accept on.

Auto-accept never changes what the athlete entered for the same day, and never accepts what contradicts other values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from coachwatts.athletes import rules, thresholds, trail
from coachwatts.athletes.repository import profiles
from coachwatts.athletes.repository import thresholds as repository
from coachwatts.athletes.repository.writers import wait_for_turn
from coachwatts.athletes.rules import Values
from coachwatts.athletes.thresholds import Saved
from coachwatts.athletes.trail import Author, Subject
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, InvalidInput, Problem
from coachwatts.models.athlete import Discipline, Threshold, ThresholdKind, ThresholdSource, ThresholdStatus


@dataclass(frozen=True, slots=True)
class Proposal:
    discipline: Discipline
    day: date
    values: Values
    source: ThresholdSource
    reason: str


async def propose(session: WriteSession, athlete_id: UUID, proposal: Proposal) -> Threshold | None:
    """None when it says nothing new: valid already, or proposed or rejected before. Raises InvalidInput for impossible values."""
    history = await thresholds.history_for_writing(session, athlete_id)
    said = await repository.on_day(session, athlete_id, proposal.discipline, proposal.day)
    if _is_known(history, said, proposal):
        return None
    row = _open_of_same_source(said, proposal) or thresholds.new(athlete_id, proposal.discipline, proposal.day)
    row.status, row.source, row.reason = ThresholdStatus.PROPOSED, proposal.source, proposal.reason
    for kind in ThresholdKind:
        setattr(row, kind, proposal.values.get(kind))
    thresholds.check([row], row, proposal.values)
    session.add(row)
    await session.flush()
    trail.leave(session, Author(), "threshold.proposed", Subject.of(row), after=trail.facts(row))
    profile = await profiles.of(session, athlete_id)
    if profile and profile.auto_accept_thresholds and _is_harmless(history, row):
        return await _accept(session, Author(), history, row)
    return row


async def accept(session: WriteSession, author: Author, athlete_id: UUID, threshold_id: UUID) -> Saved:
    """Joins the day's threshold where there is one: the accepted values take the place of its own."""
    history = await thresholds.history_for_writing(session, athlete_id)
    row = await _find_open(session, athlete_id, threshold_id)
    values = rules.values_of(row)
    try:
        thresholds.check([*history, row], row, values)
    except InvalidInput as clash:
        raise InvalidInput(*(Problem(problem.code, problem.message, ("id",)) for problem in clash.problems)) from None
    return Saved(await _accept(session, author, history, row), rules.doubts(values))


async def reject(session: WriteSession, author: Author, athlete_id: UUID, threshold_id: UUID) -> Threshold:
    await wait_for_turn(session, athlete_id)
    row = await _find_open(session, athlete_id, threshold_id)
    before = trail.facts(row)
    row.status = ThresholdStatus.REJECTED
    await session.flush()
    trail.leave(session, author, "threshold.rejected", Subject.of(row), before=before, after=trail.facts(row))
    return row


async def _accept(session: WriteSession, author: Author, history: Sequence[Threshold], row: Threshold) -> Threshold:
    there = rules.on_day(history, Discipline(row.discipline), row.effective_from)
    before = trail.facts(there or row)
    if there is None:
        row.status = ThresholdStatus.ACTIVE
    else:
        for kind, value in rules.values_of(row).items():
            setattr(there, kind, value)
        there.source, there.reason = row.source, row.reason
        await session.delete(row)
    accepted = there or row
    await session.flush()
    trail.leave(session, author, "threshold.accepted", Subject.of(accepted), before=before, after=trail.facts(accepted))
    return accepted


async def _find_open(session: WriteSession, athlete_id: UUID, threshold_id: UUID) -> Threshold:
    row = await thresholds.find(session, athlete_id, threshold_id)
    if row.status != ThresholdStatus.PROPOSED:
        raise Conflict("This is no open proposal: it has been decided already.", field="id")
    return row


def _is_known(history: Sequence[Threshold], said: Sequence[Threshold], proposal: Proposal) -> bool:
    valid = rules.valid_on(history, proposal.discipline, proposal.day)
    is_valid = all(kind in valid and valid[kind].value == value for kind, value in proposal.values.items())
    was_said = any(row.status != ThresholdStatus.ACTIVE and rules.values_of(row) == proposal.values for row in said)
    return is_valid or was_said


def _open_of_same_source(said: Sequence[Threshold], proposal: Proposal) -> Threshold | None:
    """A provider that thinks better of it the same day changes its proposal."""
    return next((row for row in said if row.status == ThresholdStatus.PROPOSED and row.source == proposal.source), None)


def _is_harmless(history: Sequence[Threshold], row: Threshold) -> bool:
    there, values = rules.on_day(history, Discipline(row.discipline), row.effective_from), rules.values_of(row)
    if there is not None and there.source == ThresholdSource.MANUAL and rules.values_of(there).keys() & values.keys():
        return False
    try:
        thresholds.check([*history, row], row, values)
    except InvalidInput:
        return False
    return True
