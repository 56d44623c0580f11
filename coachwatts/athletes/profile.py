"""The athlete's profile. Its row is made by the first write; until then everything is unknown."""

from datetime import date
from typing import TypedDict
from uuid import UUID

from coachwatts.athletes import trail
from coachwatts.athletes.repository import profiles as repository
from coachwatts.athletes.repository.writers import wait_for_turn
from coachwatts.athletes.trail import Author, Subject
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import ErrorCode
from coachwatts.models.athlete import AthleteProfile, Discipline, Sex

LONGEST_TEXT = 10_000
OLDEST_YEARS = 120


class ProfileChanges(TypedDict, total=False):
    """What is absent stays as it is; None clears."""

    date_of_birth: date | None
    sex: Sex | None
    height_cm: float | None
    athlete_context: str | None
    planning_context: str | None
    preferences: str | None
    primary_sport: Discipline | None
    auto_accept_thresholds: bool | None


async def update(session: WriteSession, author: Author, athlete_id: UUID, changes: ProfileChanges) -> AthleteProfile:
    checked = _checked(changes)
    await wait_for_turn(session, athlete_id)
    profile = await repository.of(session, athlete_id)
    before = trail.facts(profile) if profile else None
    if profile is None:
        profile = AthleteProfile(athlete_id=athlete_id)
        session.add(profile)
    for name, value in checked.items():
        setattr(profile, name, value)
    await session.flush()
    trail.leave(session, author, "profile.changed", Subject.of(profile), before=before, after=trail.facts(profile))
    return profile


def _checked(changes: ProfileChanges) -> ProfileChanges:
    checks, checked = Checks(), changes.copy()
    checks.past("date_of_birth", changes.get("date_of_birth"), years=OLDEST_YEARS)
    if height := checks.number("height_cm", changes.get("height_cm"), 50.0, 260.0, "cm"):
        checked["height_cm"] = round(height, 1)  # as the table keeps it
    for name in ("athlete_context", "planning_context", "preferences"):
        if name in changes:
            checked[name] = checks.optional_text(name, changes[name], most=LONGEST_TEXT)
    if changes.get("auto_accept_thresholds", False) is None:
        checks.problem("auto_accept_thresholds", ErrorCode.REQUIRED, "Say yes or no, or leave it out.")
    checks.done()
    return checked
