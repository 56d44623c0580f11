"""Training zones from thresholds.

Zones are half-open, [lower, upper): an edge belongs to the zone above it. The first begins at 0, the last is open at the top, and
each begins where the one below ends, so that every value lies in exactly one. Pace is handled as speed in m/s, which rises with effort.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Zone:
    number: int
    name: str
    lower: float
    upper: float | None  # none: open at the top
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """Where zones begin, in percent of a threshold. The id is kept with results: changed percentages get a new one."""

    id: str
    text: str
    names: tuple[str, ...]
    percents: tuple[int, ...]
    whole: bool = True  # bpm and W are counted, speed is measured


_POWER = ("Active recovery", "Endurance", "Tempo", "Threshold", "VO2max", "Anaerobic capacity", "Neuromuscular power")
_FRIEL = ("Recovery", "Aerobic", "Tempo", "Sub-threshold", "Super-threshold", "Aerobic capacity", "Anaerobic capacity")
_EFFORT = ("Very light", "Light", "Moderate", "Hard", "Maximum")

COGGAN_POWER = Formula("coggan_power_7", "Percent of FTP, seven levels after Coggan.", _POWER, (0, 55, 75, 90, 105, 120, 150))
COGGAN_HR = Formula("coggan_hr_5", "Percent of threshold heart rate, five levels after Coggan.", _POWER[:5], (0, 68, 83, 94, 105))
FRIEL_RUN_HR = Formula("friel_run_hr_7", "Percent of threshold heart rate in running, after Friel.", _FRIEL, (0, 85, 90, 95, 100, 103, 106))
FRIEL_RIDE_HR = Formula("friel_ride_hr_7", "Percent of threshold heart rate riding, after Friel.", _FRIEL, (0, 81, 90, 94, 100, 103, 106))
RESERVE_HR = Formula("karvonen_hr_5", "Resting heart rate plus percent of the reserve up to the maximum.", _EFFORT, (0, 60, 70, 80, 90))
MAX_HR = Formula("max_hr_5", "Percent of maximum heart rate.", _EFFORT, (0, 60, 70, 80, 90))
RUN_PACE = Formula("run_speed_6", "Percent of threshold speed in running.", _POWER[:6], (0, 80, 87, 95, 105, 119), whole=False)
SWIM_PACE = Formula("swim_speed_6", "Percent of critical swim speed.", _POWER[:6], (0, 93, 97, 99, 102, 109), whole=False)

FORMULAS = (COGGAN_POWER, COGGAN_HR, FRIEL_RUN_HR, FRIEL_RIDE_HR, RESERVE_HR, MAX_HR, RUN_PACE, SWIM_PACE)


def derive(formula: Formula, threshold: float, base: float = 0) -> tuple[Zone, ...]:
    """The zones for `threshold`, counted from `base`, which is below it: resting heart rate for the reserve, else nothing."""
    starts: list[float] = [0]
    for percent in formula.percents[1:]:
        start = (100 * base + (threshold - base) * percent) / 100  # whole numbers up to the division: 0.5 rounds as a person would
        # A threshold so small that zones fall together spreads them: an empty zone would hide a mistake in the figures.
        starts.append(max(floor(start + 0.5), starts[-1] + 1) if formula.whole else round(start, 5))
    bounds = adjoining(starts)
    return tuple(Zone(number, name, *bound) for number, (name, bound) in enumerate(zip(formula.names, bounds, strict=True), start=1))


def adjoining(starts: Sequence[float]) -> list[tuple[float, float | None]]:
    """Each zone ends where the next begins."""
    return list(zip(starts, [*starts[1:], None], strict=True))
