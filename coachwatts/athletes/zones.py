"""Training zones: the athlete's own where there are some, else derived from the thresholds valid on the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from coachwatts.analytics.zones import (
    COGGAN_HR,
    COGGAN_POWER,
    FRIEL_RIDE_HR,
    FRIEL_RUN_HR,
    MAX_HR,
    RESERVE_HR,
    RUN_PACE,
    SWIM_PACE,
    Formula,
    Zone,
    derive,
)
from coachwatts.athletes import rules
from coachwatts.athletes.rules import ValidValue
from coachwatts.models.athlete import Discipline, Threshold, ThresholdKind, TrainingZone, ZoneMetric


class WhyNoZones(StrEnum):
    NO_THRESHOLD = "NO_THRESHOLD"
    NO_FORMULA = "NO_FORMULA"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to zones: a formula and the values it wants, the threshold first."""

    formula: Formula
    needs: tuple[ThresholdKind, ...]


@dataclass(frozen=True, slots=True)
class ZoneList:
    zones: tuple[Zone, ...] | None  # none: unknown, and why_unknown says why
    is_custom: bool = False
    formula: Formula | None = None
    inputs: tuple[ValidValue, ...] = ()
    why_unknown: WhyNoZones | None = None


LTHR_FORMULAS = {Discipline.RUN: FRIEL_RUN_HR, Discipline.RIDE: FRIEL_RIDE_HR}


def ways(discipline: Discipline, metric: ZoneMetric) -> tuple[Way, ...]:
    """Best first. Speed says nothing about effort where wind, slope or a boat decide, so there is no formula for those."""
    match metric, discipline:
        case ZoneMetric.POWER, _:
            return (Way(COGGAN_POWER, (ThresholdKind.FTP_WATTS,)),)
        case ZoneMetric.HR, _:
            return (
                Way(LTHR_FORMULAS.get(discipline, COGGAN_HR), (ThresholdKind.LTHR,)),
                Way(RESERVE_HR, (ThresholdKind.MAX_HR, ThresholdKind.RESTING_HR)),
                Way(MAX_HR, (ThresholdKind.MAX_HR,)),
            )
        case ZoneMetric.PACE, Discipline.RUN:
            return (Way(RUN_PACE, (ThresholdKind.THRESHOLD_SPEED_MS,)),)
        case ZoneMetric.PACE, Discipline.SWIM:
            return (Way(SWIM_PACE, (ThresholdKind.CSS_MS,)), Way(SWIM_PACE, (ThresholdKind.THRESHOLD_SPEED_MS,)))
    return ()


def zones_on(
    history: Sequence[Threshold], custom: Iterable[TrainingZone], discipline: Discipline, metric: ZoneMetric, day: date
) -> ZoneList:
    own = [row for row in custom if row.discipline == discipline and row.metric == metric]
    if own:
        return ZoneList(tuple(Zone(row.number, row.name, row.lower, row.upper, row.description) for row in own), is_custom=True)
    return derived(rules.valid_on(history, discipline, day), ways(discipline, metric))


def derived(valid: Mapping[ThresholdKind, ValidValue], possible: Sequence[Way]) -> ZoneList:
    for way in possible:
        inputs = tuple(valid[kind] for kind in way.needs if kind in valid)
        values = [found.value for found in inputs]
        if len(values) == len(way.needs) and values == sorted(values, reverse=True):  # a resting HR above the maximum is no base
            return ZoneList(derive(way.formula, *values), formula=way.formula, inputs=inputs)
    return ZoneList(None, why_unknown=WhyNoZones.NO_THRESHOLD if possible else WhyNoZones.NO_FORMULA)
