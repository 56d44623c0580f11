"""Which value is valid on a day, and which cannot be true together: against slow, obvious answers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.athletes import rules
from coachwatts.models.athlete import Discipline, Threshold, ThresholdKind, ThresholdSource

FIRST = date(2026, 1, 1)
KINDS = list(ThresholdKind)

days = st.integers(0, 12).map(lambda number: FIRST + timedelta(days=number))
disciplines = st.sampled_from(list(Discipline))
figures = st.dictionaries(st.sampled_from(KINDS), st.integers(40, 200), max_size=4)


def row(day: date, discipline: Discipline = Discipline.RUN, **values: float) -> Threshold:
    return Threshold(discipline=discipline, effective_from=day, source=ThresholdSource.MANUAL, **values)


@st.composite
def histories(draw: st.DrawFn) -> list[Threshold]:
    """One threshold a discipline and day, in any order."""
    places = draw(st.lists(st.tuples(days, disciplines), unique=True, max_size=12))
    return [row(day, discipline, **{kind.value: value for kind, value in draw(figures).items()}) for day, discipline in places]


def latest(history: list[Threshold], kind: ThresholdKind, day: date, discipline: Discipline) -> float | None:
    """Day by day backwards."""
    while day >= FIRST:
        for entry in history:
            if entry.effective_from == day and entry.discipline == discipline and (value := getattr(entry, kind)) is not None:
                return float(value)
        day -= timedelta(days=1)
    return None


@given(histories(), disciplines, days)
def test_each_kind_has_the_latest_value_of_its_discipline(history: list[Threshold], discipline: Discipline, day: date) -> None:
    valid = rules.valid_on(history, discipline, day)
    for kind in set(KINDS) - {ThresholdKind.RESTING_HR, ThresholdKind.MAX_HR}:
        assert (valid[kind].value if kind in valid else None) == latest(history, kind, day, discipline)


@given(histories(), disciplines, days)
def test_maximum_hr_is_the_disciplines_own_or_the_highest_of_the_others(
    history: list[Threshold], discipline: Discipline, day: date
) -> None:
    found = rules.valid_on(history, discipline, day).get(ThresholdKind.MAX_HR)
    own = latest(history, ThresholdKind.MAX_HR, day, discipline)
    others = [value for other in Discipline if (value := latest(history, ThresholdKind.MAX_HR, day, other)) is not None]
    assert (found.value if found else None) == (own or max(others, default=None))
    highest = rules.highest_max_hr(history, day)
    assert (highest.value if highest else None) == max(others, default=None)


@given(histories(), disciplines, days)
def test_resting_hr_is_the_latest_of_any_discipline(history: list[Threshold], discipline: Discipline, day: date) -> None:
    found = rules.valid_on(history, discipline, day).get(ThresholdKind.RESTING_HR)
    until = [entry for entry in history if entry.effective_from <= day and entry.resting_hr is not None]
    if found is None:
        assert until == []
    else:
        newest = max(entry.effective_from for entry in until)
        assert found.effective_from == newest
        assert found.value in {entry.resting_hr for entry in until if entry.effective_from == newest}


def test_on_one_day_a_disciplines_own_resting_hr_comes_before_anothers() -> None:
    history = [row(FIRST, Discipline.RIDE, resting_hr=52), row(FIRST, Discipline.RUN, resting_hr=50)]
    assert rules.valid_on(history, Discipline.RIDE, FIRST)[ThresholdKind.RESTING_HR].value == 52
    assert rules.valid_on(history, Discipline.RUN, FIRST)[ThresholdKind.RESTING_HR].value == 50


@given(histories(), disciplines, days)
def test_nothing_from_the_future_is_valid(history: list[Threshold], discipline: Discipline, day: date) -> None:
    assert all(found.effective_from <= day for found in rules.valid_on(history, discipline, day).values())


@given(histories(), disciplines, days)
def test_clashes_are_the_days_whose_values_contradict(history: list[Threshold], discipline: Discipline, since: date) -> None:
    """Against a look at every single day."""
    expected = set()
    for day in sorted({entry.effective_from for entry in history if entry.effective_from >= since}):
        valid = rules.valid_on(history, discipline, day)
        values = {kind: found.value for kind, found in valid.items() if kind is not ThresholdKind.MAX_HR or found.discipline == discipline}
        expected |= {(low, high, day) for low, high in rules.BELOW if low in values and high in values and values[low] >= values[high]}
    assert {(clash.low, clash.high, clash.day) for clash in rules.clashes(history, discipline, since)} == expected


@pytest.mark.parametrize(("values", "fields"), [({"ftp_watts": 499}, []), ({"ftp_watts": 500}, ["ftp_watts"]), ({"ftp_watts": None}, [])])
def test_more_than_almost_anybody_reaches_is_doubted(values: dict[str, float | None], fields: list[str]) -> None:
    doubts = rules.doubts({ThresholdKind(kind): value for kind, value in values.items()})
    assert [doubt.field for doubt in doubts] == fields
