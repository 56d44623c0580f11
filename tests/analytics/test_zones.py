"""Zones have no holes. A product of this kind once had them: with whole numbers as both ends, 148.5 bpm was in no zone."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.analytics.zones import (
    COGGAN_POWER,
    FORMULAS,
    FRIEL_RIDE_HR,
    FRIEL_RUN_HR,
    MAX_HR,
    RESERVE_HR,
    RUN_PACE,
    Formula,
    Zone,
    derive,
)

WHOLE = [formula for formula in FORMULAS if formula.whole and formula is not RESERVE_HR]
SPEEDS = [formula for formula in FORMULAS if not formula.whole]

anything = st.floats(min_value=0, max_value=5000, allow_nan=False)
whole_number_formulas = st.sampled_from(WHOLE)
speed_formulas = st.sampled_from(SPEEDS)


def starts(zones: tuple[Zone, ...]) -> list[float]:
    return [zone.lower for zone in zones]


def holders(zones: tuple[Zone, ...], value: float) -> list[int]:
    return [zone.number for zone in zones if zone.lower <= value and (zone.upper is None or value < zone.upper)]


def assert_sound(zones: tuple[Zone, ...]) -> None:
    assert zones[0].lower == 0
    assert zones[-1].upper is None
    assert all(below.upper == above.lower for below, above in pairwise(zones))
    assert all(zone.upper is None or zone.lower < zone.upper for zone in zones)
    assert [zone.number for zone in zones] == list(range(1, len(zones) + 1))


@given(whole_number_formulas, st.integers(1, 699), anything)
def test_whole_number_zones_cover_every_value_once(formula: Formula, threshold: int, value: float) -> None:
    zones = derive(formula, threshold)
    assert_sound(zones)
    assert all(start == int(start) for start in starts(zones))
    assert len(holders(zones, value)) == 1


@given(speed_formulas, st.floats(0.1, 20), anything)
def test_speed_zones_cover_every_value_once(formula: Formula, threshold: float, value: float) -> None:
    zones = derive(formula, threshold)
    assert_sound(zones)
    assert len(holders(zones, value)) == 1


@given(st.integers(20, 259).flatmap(lambda rest: st.tuples(st.just(rest), st.integers(rest + 1, 260))), anything)
def test_reserve_zones_cover_every_value_once(rest_and_max: tuple[int, int], value: float) -> None:
    resting, highest = rest_and_max
    zones = derive(RESERVE_HR, highest, resting)
    assert_sound(zones)
    assert len(holders(zones, value)) == 1
    assert zones[1].lower > resting


@given(st.one_of(st.tuples(whole_number_formulas, st.integers(40, 699)), st.tuples(speed_formulas, st.floats(0.1, 20))))
def test_every_start_lies_at_its_percentage(drawn: tuple[Formula, float]) -> None:
    formula, threshold = drawn
    for start, percent in zip(starts(derive(formula, threshold)), formula.percents, strict=True):
        assert start == pytest.approx(threshold * percent / 100, abs=0.5 if formula.whole else 0.00001)


@given(st.integers(20, 698))
def test_a_higher_threshold_lowers_no_zone(ftp: int) -> None:
    assert all(low <= high for low, high in zip(starts(derive(COGGAN_POWER, ftp)), starts(derive(COGGAN_POWER, ftp + 1)), strict=True))


@pytest.mark.parametrize(
    ("formula", "threshold", "base", "expected"),
    [
        (COGGAN_POWER, 250, 0, [0, 138, 188, 225, 263, 300, 375]),
        (FRIEL_RUN_HR, 170, 0, [0, 145, 153, 162, 170, 175, 180]),
        (FRIEL_RIDE_HR, 160, 0, [0, 130, 144, 150, 160, 165, 170]),
        (RESERVE_HR, 190, 50, [0, 134, 148, 162, 176]),
        (MAX_HR, 190, 0, [0, 114, 133, 152, 171]),
        (RUN_PACE, 4.0, 0, [0, 3.2, 3.48, 3.8, 4.2, 4.76]),
    ],
)
def test_known_zones(formula: Formula, threshold: float, base: float, expected: list[float]) -> None:
    assert starts(derive(formula, threshold, base)) == expected


def test_an_edge_belongs_to_the_zone_above_it() -> None:
    zones = derive(FRIEL_RUN_HR, 170)
    assert holders(zones, 153) == [3]
    assert holders(zones, 152.9) == [2]


def test_one_hour_at_threshold_is_in_the_threshold_zone() -> None:
    assert holders(derive(COGGAN_POWER, 250), 250) == [4]
    assert holders(derive(RUN_PACE, 4.0), 4.0) == [4]


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.id)
def test_a_formula_names_each_of_its_zones(formula: Formula) -> None:
    assert len(formula.names) == len(formula.percents) == len(set(formula.names))
    assert formula.percents[0] == 0
    assert list(formula.percents) == sorted(set(formula.percents))


def test_formulas_have_ids_of_their_own() -> None:
    assert len({formula.id for formula in FORMULAS}) == len(FORMULAS)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.id)
def test_the_page_about_zones_says_what_is_computed(formula: Formula) -> None:
    page = (Path(__file__).parents[2] / "docs" / "athlete.md").read_text()
    (line,) = [line for line in page.splitlines() if line.startswith(f"| `{formula.id}`")]
    assert line.split("|")[3].split() == [str(percent) for percent in formula.percents]
