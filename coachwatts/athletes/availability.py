"""How much time the athlete has on each day of the week, and for what. A day about which nothing was said has no row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from coachwatts.athletes import trail
from coachwatts.athletes.repository import availability as repository
from coachwatts.athletes.repository.writers import wait_for_turn
from coachwatts.athletes.trail import Author, Facts, Subject
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import ErrorCode
from coachwatts.models.athlete import Availability, Discipline
from coachwatts.models.user import Weekday

MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Day:
    weekday: Weekday
    minutes: int
    disciplines: tuple[Discipline, ...] = ()  # none: any
    notes: str | None = None


async def set_week(session: WriteSession, author: Author, athlete_id: UUID, days: Sequence[Day]) -> list[Availability]:
    """The whole week at once: nothing is said any more about days that are missing here."""
    checks = Checks()
    checked = [_checked(checks, f"days.{index}.", day) for index, day in enumerate(days)]
    for index, day in enumerate(days):
        if any(day.weekday == other.weekday for other in days[:index]):
            checks.problem(f"days.{index}.weekday", ErrorCode.INVALID, "This day of the week is here twice.")
    checks.done()
    return await _change(session, author, athlete_id, {day.weekday: day for day in checked}, set(Weekday))


async def set_day(session: WriteSession, author: Author, athlete_id: UUID, day: Day) -> list[Availability]:
    """One day; the others stay."""
    checks = Checks()
    checked = _checked(checks, "", day)
    checks.done()
    return await _change(session, author, athlete_id, {day.weekday: checked}, {day.weekday})


async def forget_day(session: WriteSession, author: Author, athlete_id: UUID, weekday: Weekday) -> list[Availability]:
    return await _change(session, author, athlete_id, {}, {weekday})


async def _change(
    session: WriteSession, author: Author, athlete_id: UUID, days: dict[Weekday, Day], about: set[Weekday]
) -> list[Availability]:
    await wait_for_turn(session, athlete_id)
    week = await repository.week(session, athlete_id)
    before = _facts(week)
    for weekday in about & week.keys() - days.keys():
        await session.delete(week.pop(weekday))
    for weekday, day in days.items():
        if weekday not in week:
            week[weekday] = Availability(athlete_id=athlete_id, weekday=weekday)
            session.add(week[weekday])
        week[weekday].minutes, week[weekday].disciplines, week[weekday].notes = day.minutes, list(day.disciplines), day.notes
    await session.flush()
    trail.leave(session, author, "availability.set", Subject(athlete_id, "availability", athlete_id), before=before, after=_facts(week))
    return [week[weekday] for weekday in sorted(week)]


def _checked(checks: Checks, path: str, day: Day) -> Day:
    checks.number(f"{path}minutes", day.minutes, 0, MINUTES, "minutes")
    disciplines = tuple(dict.fromkeys(day.disciplines))
    return replace(day, disciplines=disciplines, notes=checks.optional_text(f"{path}notes", day.notes, most=500))


def _facts(week: dict[int, Availability]) -> Facts:
    return {
        Weekday(weekday).name: {"minutes": day.minutes, "disciplines": list(day.disciplines), "notes": day.notes}
        for weekday, day in week.items()
    }
