from typing import Any

import pytest

from coachwatts.db.engine import Database
from tests.kit.api import Api, Failed, Person
from tests.kit.athletes import changes_of, threshold

THREE = [{"name": "Easy", "lower": 0}, {"name": "Middle", "lower": 140, "description": "Talk"}, {"name": "Hard", "lower": 165}]


async def zones(person: Person, discipline: str, metric: str, on: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (await person.run("TrainingZones", discipline=discipline, metric=metric, on=on))["viewer"]["trainingZones"]
    return found


def starts(found: dict[str, Any]) -> list[float]:
    assert all(below["upper"] == above["lower"] for below, above in zip(found["zones"], found["zones"][1:], strict=False))
    return [zone["lower"] for zone in found["zones"]]


async def test_power_zones_follow_the_ftp_of_the_day(ada: Person) -> None:
    await threshold(ada, "RIDE", "2026-01-10", ftpWatts=200)
    await threshold(ada, "RIDE", "2026-03-10", ftpWatts=250)
    february = await zones(ada, "RIDE", "POWER", "2026-02-01")
    assert starts(february) == [0, 110, 150, 180, 210, 240, 300]
    assert (february["isCustom"], february["basis"]["formula"]) == (False, "coggan_power_7")
    assert february["basis"]["inputs"] == [
        {"kind": "FTP_WATTS", "value": 200, "discipline": "RIDE", "effectiveFrom": "2026-01-10", "source": "MANUAL"}
    ]
    assert starts(await zones(ada, "RIDE", "POWER")) == [0, 138, 188, 225, 263, 300, 375]
    assert (await zones(ada, "RIDE", "POWER", "2026-01-09"))["whyUnknown"] == "NO_THRESHOLD"


async def test_heart_rate_zones_use_the_best_that_is_known(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-01", maxHr=190)
    assert (await zones(ada, "RUN", "HR"))["basis"]["formula"] == "max_hr_5"
    await threshold(ada, "RIDE", "2026-01-02", restingHr=50)
    by_reserve = await zones(ada, "RUN", "HR")
    assert (by_reserve["basis"]["formula"], starts(by_reserve)) == ("karvonen_hr_5", [0, 134, 148, 162, 176])
    await threshold(ada, "RUN", "2026-01-03", lthr=170)
    by_threshold = await zones(ada, "RUN", "HR")
    assert (by_threshold["basis"]["formula"], starts(by_threshold)) == ("friel_run_hr_7", [0, 145, 153, 162, 170, 175, 180])


async def test_a_discipline_has_its_own_heart_rate_formula(ada: Person) -> None:
    for discipline, formula in (("RIDE", "friel_ride_hr_7"), ("RUN", "friel_run_hr_7"), ("ROW", "coggan_hr_5")):
        await threshold(ada, discipline, "2026-01-01", lthr=160)
        assert (await zones(ada, discipline, "HR"))["basis"]["formula"] == formula


async def test_pace_zones_are_speeds_that_rise(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-01", thresholdSpeedMs=4)
    await threshold(ada, "SWIM", "2026-01-01", cssMs=1.25)
    assert starts(await zones(ada, "RUN", "PACE")) == [0, 3.2, 3.48, 3.8, 4.2, 4.76]
    assert starts(await zones(ada, "SWIM", "PACE")) == [0, 1.1625, 1.2125, 1.2375, 1.275, 1.3625]


async def test_where_there_is_no_sound_formula_there_are_no_zones(ada: Person) -> None:
    await threshold(ada, "RIDE", "2026-01-01", thresholdSpeedMs=9)
    found = await zones(ada, "RIDE", "PACE")
    assert (found["zones"], found["basis"], found["whyUnknown"]) == (None, None, "NO_FORMULA")


async def test_own_zones_hold_whatever_thresholds_do(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-01", lthr=170)
    made = await ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=THREE)
    assert [(zone["number"], zone["name"], zone["lower"], zone["upper"]) for zone in made["zones"]] == [
        (1, "Easy", 0, 140),
        (2, "Middle", 140, 165),
        (3, "Hard", 165, None),
    ]
    await threshold(ada, "RUN", "2026-02-01", lthr=175)
    own = await zones(ada, "RUN", "HR")
    assert (own["isCustom"], own["basis"], starts(own)) == (True, None, [0, 140, 165])
    assert own["zones"][1]["description"] == "Talk"
    assert (await zones(ada, "RIDE", "HR"))["isCustom"] is False


async def test_a_new_list_takes_the_place_of_the_old_and_a_reset_brings_derived_ones_back(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-01", lthr=170)
    await ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=THREE)
    await ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=THREE[:2])
    assert starts(await zones(ada, "RUN", "HR")) == [0, 140]
    for _ in range(2):  # nothing to reset is fine
        assert await ada.codes("ResetTrainingZones", discipline="RUN", metric="HR") == []
    assert (await zones(ada, "RUN", "HR"))["basis"]["formula"] == "friel_run_hr_7"


@pytest.mark.parametrize(
    ("starting", "expected"),
    [
        ([0], [("OUT_OF_RANGE", "zones")]),
        (list(range(13)), [("OUT_OF_RANGE", "zones")]),
        ([10, 20], [("INVALID", "zones.0.lower")]),
        ([0, 150, 150], [("INVALID", "zones.2.lower")]),
        ([0, 150, 140], [("INVALID", "zones.2.lower")]),
        ([0, 140.5], [("INVALID", "zones.1.lower")]),
        ([0, 261], [("OUT_OF_RANGE", "zones.1.lower")]),
        ([0, -1], [("OUT_OF_RANGE", "zones.1.lower"), ("INVALID", "zones.1.lower")]),
    ],
)
async def test_zones_that_cannot_be_are_refused_as_a_whole(ada: Person, starting: list[float], expected: list[tuple[str, str]]) -> None:
    given = [{"name": f"Zone {lower}", "lower": lower} for lower in starting]
    assert await ada.codes("SetTrainingZones", discipline="RUN", metric="HR", zones=given) == expected
    assert (await zones(ada, "RUN", "HR"))["isCustom"] is False


async def test_zones_have_names_of_a_sensible_length(ada: Person) -> None:
    given = [{"name": " ", "lower": 0}, {"name": "x" * 61, "lower": 1, "description": "y" * 501}]
    assert await ada.codes("SetTrainingZones", discipline="RUN", metric="HR", zones=given) == [
        ("REQUIRED", "zones.0.name"),
        ("TOO_LONG", "zones.1.name"),
        ("TOO_LONG", "zones.1.description"),
    ]


async def test_speeds_need_not_be_whole(ada: Person) -> None:
    given = [{"name": "Easy", "lower": 0}, {"name": "Hard", "lower": 3.75}]
    assert await ada.codes("SetTrainingZones", discipline="RUN", metric="PACE", zones=given) == []
    assert starts(await zones(ada, "RUN", "PACE")) == [0, 3.75]


async def test_own_zones_are_their_athletes_alone(ada: Person, bob: Person) -> None:
    await ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=THREE)
    assert (await zones(bob, "RUN", "HR"))["zones"] is None
    await bob.mutate("ResetTrainingZones", discipline="RUN", metric="HR")
    assert (await zones(ada, "RUN", "HR"))["isCustom"] is True


@pytest.mark.parametrize(("name", "more"), [("SetTrainingZones", {"zones": THREE}), ("ResetTrainingZones", {})])
async def test_nobody_signed_in_changes_nothing(stranger: Api, name: str, more: dict[str, Any]) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.mutate(name, discipline="RUN", metric="HR", **more)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_zones_leave_a_trail(ada: Person, db: Database) -> None:
    await ada.mutate("SetTrainingZones", discipline="RUN", metric="HR", zones=THREE)
    await ada.mutate("ResetTrainingZones", discipline="RUN", metric="HR")
    (made,), (reset,) = await changes_of(db, ada, "zones.set"), await changes_of(db, ada, "zones.reset")
    assert (made.entity_id, made.after) == ("RUN:HR", {"zones": [{"description": None} | zone for zone in THREE]})
    assert (reset.before, reset.after) == (made.after, {"zones": []})
