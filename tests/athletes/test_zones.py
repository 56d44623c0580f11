"""Which formula counts, for every discipline and metric and whatever is known."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from coachwatts.athletes import zones
from coachwatts.athletes.zones import WhyNoZones
from coachwatts.models.athlete import THRESHOLD_RANGES, Discipline, Threshold, ThresholdKind, ThresholdSource, ZoneMetric

DAY = date(2026, 1, 1)
WHOLE = {ThresholdKind.FTP_WATTS, ThresholdKind.LTHR, ThresholdKind.MAX_HR, ThresholdKind.RESTING_HR}

values = st.fixed_dictionaries(
    {},
    optional={
        kind.value: st.integers(int(low), int(high)) if kind in WHOLE else st.floats(low, high)
        for kind, (low, high) in THRESHOLD_RANGES.items()
    },
)
places = (st.sampled_from(list(Discipline)), st.sampled_from(list(ZoneMetric)))


@given(*places, values)
def test_zones_are_sound_or_honestly_unknown_whatever_is_known(discipline: Discipline, metric: ZoneMetric, known: dict[str, float]) -> None:
    """Also where resting HR is not below the maximum, as an import may have left it."""
    entry = Threshold(discipline=discipline, effective_from=DAY, source=ThresholdSource.MANUAL, **known)
    found = zones.zones_on([entry], [], discipline, metric, DAY)
    if found.zones is None:
        assert (found.formula, found.inputs) == (None, ())
        assert found.why_unknown is (WhyNoZones.NO_THRESHOLD if zones.ways(discipline, metric) else WhyNoZones.NO_FORMULA)
        return
    assert found.formula
    assert found.inputs
    edges = [zone.lower for zone in found.zones]
    assert edges == sorted(set(edges))
    assert [zone.upper for zone in found.zones] == [*edges[1:], None]


def test_every_way_leads_somewhere() -> None:
    """Each formula that is offered can be reached with the values that it wants."""
    for discipline in Discipline:
        for metric in ZoneMetric:
            for way in zones.ways(discipline, metric):
                known = dict(zip(way.needs, (180, 50), strict=False))
                entry = Threshold(
                    discipline=discipline, effective_from=DAY, source=ThresholdSource.MANUAL, **{k.value: v for k, v in known.items()}
                )
                assert zones.zones_on([entry], [], discipline, metric, DAY).formula is way.formula
