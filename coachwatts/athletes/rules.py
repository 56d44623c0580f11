"""What thresholds mean: which value is valid on a day, and which values cannot be true together. Pure.

A value is valid from its day until the next one of the same kind and discipline; one test may set a single kind.
Two kinds reach further than their discipline, because they belong to the body:
resting HR is the latest of any discipline; a discipline without a maximum HR of its own uses the highest of the others.
Nothing else is borrowed: a threshold HR or an FTP of another sport would be wrong by more than it helps.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby

from coachwatts.checks import Checks
from coachwatts.errors import ErrorCode
from coachwatts.models.athlete import THRESHOLD_RANGES, Discipline, Threshold, ThresholdKind, ThresholdSource

UNITS = {
    ThresholdKind.FTP_WATTS: "W",
    ThresholdKind.CP_WATTS: "W",
    ThresholdKind.W_PRIME_J: "J",
    ThresholdKind.LTHR: "bpm",
    ThresholdKind.MAX_HR: "bpm",
    ThresholdKind.RESTING_HR: "bpm",
    ThresholdKind.THRESHOLD_SPEED_MS: "m/s",
    ThresholdKind.CSS_MS: "m/s",
}
UNUSUAL_FROM = {ThresholdKind.FTP_WATTS: 500, ThresholdKind.CP_WATTS: 500}
BELOW = (
    (ThresholdKind.RESTING_HR, ThresholdKind.LTHR),
    (ThresholdKind.RESTING_HR, ThresholdKind.MAX_HR),
    (ThresholdKind.LTHR, ThresholdKind.MAX_HR),
)

Values = Mapping[ThresholdKind, float | None]


@dataclass(frozen=True, slots=True)
class ValidValue:
    """A value and where it comes from."""

    kind: ThresholdKind
    value: float
    discipline: Discipline
    effective_from: date
    source: ThresholdSource


@dataclass(frozen=True, slots=True)
class Doubt:
    """Accepted, but worth a second look."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Clash:
    low: ThresholdKind
    high: ThresholdKind
    day: date
    values: tuple[float, float]


def values_of(threshold: Threshold) -> dict[ThresholdKind, float]:
    return {kind: value for kind in ThresholdKind if (value := getattr(threshold, kind)) is not None}


def valid_on(history: Iterable[Threshold], discipline: Discipline, day: date) -> dict[ThresholdKind, ValidValue]:
    so_far = sorted(_until(history, day), key=lambda row: (row.effective_from, row.discipline == discipline))
    valid = _latest(row for row in so_far if row.discipline == discipline)
    shared = (_latest(so_far).get(ThresholdKind.RESTING_HR), valid.get(ThresholdKind.MAX_HR) or highest_max_hr(so_far, day))
    return valid | {found.kind: found for found in shared if found}


def highest_max_hr(history: Iterable[Threshold], day: date) -> ValidValue | None:
    """Of the values valid on the day, one a discipline: the heart has been seen to beat that fast."""
    so_far = sorted(_until(history, day), key=lambda row: row.effective_from)
    valid = (_latest(row for row in so_far if row.discipline == discipline).get(ThresholdKind.MAX_HR) for discipline in Discipline)
    return max((found for found in valid if found), key=lambda found: found.value, default=None)


def _until(history: Iterable[Threshold], day: date) -> Iterator[Threshold]:
    return (row for row in history if row.effective_from <= day)


def _latest(rows: Iterable[Threshold]) -> dict[ThresholdKind, ValidValue]:
    """Of each kind the last one of `rows`."""
    return {
        kind: ValidValue(kind, value, Discipline(row.discipline), row.effective_from, ThresholdSource(row.source))
        for row in rows
        for kind, value in values_of(row).items()
    }


def clashes(history: Iterable[Threshold], discipline: Discipline, since: date) -> Iterator[Clash]:
    """Days from `since` on whose values cannot be true together: a rested heart beats slower than at threshold, and so on."""
    current: dict[ThresholdKind, float] = {}
    for day, rows in groupby(sorted(history, key=lambda row: row.effective_from), key=lambda row: row.effective_from):
        for row in sorted(rows, key=lambda row: row.discipline == discipline):
            current |= {k: v for k, v in values_of(row).items() if row.discipline == discipline or k is ThresholdKind.RESTING_HR}
        if day >= since:
            for low, high in BELOW:
                if low in current and high in current and current[low] >= current[high]:
                    yield Clash(low, high, day, (current[low], current[high]))


def check_ranges(checks: Checks, values: Values) -> None:
    for kind, value in values.items():
        low, high = THRESHOLD_RANGES[kind]
        checks.number(kind.value, value, low, high, UNITS[kind])


def check_together(checks: Checks, history: Iterable[Threshold], changed: Threshold, given: Collection[ThresholdKind]) -> None:
    """Names the fields that were given; old clashes between others are not this input's fault. One problem a pair is enough."""
    history = list(history)
    touched = Discipline if ThresholdKind.RESTING_HR in given else (Discipline(changed.discipline),)  # the body rests in all of them
    first: dict[tuple[ThresholdKind, ThresholdKind], Clash] = {}
    for clash in chain.from_iterable(clashes(history, discipline, changed.effective_from) for discipline in touched):
        first.setdefault((clash.low, clash.high), clash)
    for pair, clash in first.items():
        if blamed := [kind for kind in pair if kind in given]:
            low, high = clash.values
            message = f"{_say(clash.low)} ({low:g}) must be below {_say(clash.high)} ({high:g}); both would be valid on {clash.day}."
            checks.problem(blamed[0].value, ErrorCode.INVALID, message)


def doubts(values: Values) -> list[Doubt]:
    return [
        Doubt(kind.value, f"{value:g} {UNITS[kind]} is more than almost anybody reaches. Check it.")
        for kind, value in values.items()
        if value is not None and value >= UNUSUAL_FROM.get(kind, float("inf"))
    ]


def on_day(history: Sequence[Threshold], discipline: Discipline, day: date) -> Threshold | None:
    return next((row for row in history if row.discipline == discipline and row.effective_from == day), None)


def _say(kind: ThresholdKind) -> str:
    return {ThresholdKind.LTHR: "Threshold HR", ThresholdKind.MAX_HR: "maximum HR"}.get(kind, "Resting HR")
