"""Requests that run side by side end as if they had come one after the other."""

from asyncio import gather
from datetime import date, timedelta

import pytest

from coachwatts.athletes.thresholds import MOST
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.athlete import Discipline, Threshold
from tests.kit.accounts import user_of
from tests.kit.api import Person


async def test_one_day_set_many_times_at_once_stays_one_threshold(ada: Person) -> None:
    place = {"discipline": "RUN", "effectiveFrom": "2026-01-10"}
    payloads = await gather(*(ada.mutate("SetThreshold", **place, lthr=170 + number, maxHr=190 + number) for number in range(6)))
    assert [payload["errors"] for payload in payloads] == [[]] * 6
    assert len({payload["threshold"]["id"] for payload in payloads}) == 1
    (edge,) = (await ada.run("Thresholds", first=10))["viewer"]["thresholds"]["edges"]
    assert edge["node"]["maxHr"] - edge["node"]["lthr"] == 20


async def test_rules_across_rows_hold_when_both_come_at_once(ada: Person) -> None:
    """Each is fine alone; together they would put the threshold above the maximum."""
    payloads = await gather(
        ada.mutate("SetThreshold", discipline="RUN", effectiveFrom="2026-01-10", lthr=185),
        ada.mutate("SetThreshold", discipline="RUN", effectiveFrom="2026-01-11", maxHr=180),
    )
    assert sorted(len(payload["errors"]) for payload in payloads) == [0, 1]


async def test_a_first_profile_written_twice_at_once_is_one_profile(ada: Person) -> None:
    await gather(ada.mutate("UpdateProfile", sex="FEMALE"), ada.mutate("UpdateProfile", heightCm=170))
    profile = (await ada.run("AthleteProfile"))["viewer"]["profile"]
    assert (profile["sex"], profile["heightCm"]) == ("FEMALE", 170)


async def test_zones_and_weeks_set_at_once_are_never_mixed(ada: Person) -> None:
    def zones(number: int) -> list[dict[str, object]]:
        return [{"name": f"{number}", "lower": index * 10} for index in range(number)]

    await gather(*(ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=zones(number)) for number in (3, 4, 5)))
    kept = (await ada.run("TrainingZones", discipline="RUN", metric="HR"))["viewer"]["trainingZones"]["zones"]
    assert [zone["name"] for zone in kept] == [str(len(kept))] * len(kept)


@pytest.mark.parametrize("discipline", ["RUN", "RIDE"])
async def test_a_history_has_an_end(ada: Person, db: Database, discipline: str) -> None:
    athlete_id, days = user_of(ada), (date(2020, 1, 1) + timedelta(days=number) for number in range(MOST))
    async with db.write(Scope.own(athlete_id)) as session:
        session.add_all(Threshold(athlete_id=athlete_id, discipline=Discipline.RUN, effective_from=day, lthr=170) for day in days)
    assert await ada.codes("SetThreshold", discipline=discipline, effectiveFrom="2026-01-10", ftpWatts=200) == [("CONFLICT", "")]
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2020-01-01", lthr=171) == []
