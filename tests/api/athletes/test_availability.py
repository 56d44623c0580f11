from typing import Any

import pytest

from coachwatts.db.engine import Database
from tests.kit.api import Api, Failed, Person
from tests.kit.athletes import changes_of

SUNDAY = {"weekday": "SUNDAY", "minutes": 180, "disciplines": ["RIDE", "RUN"], "notes": "Long one"}
MONDAY = {"weekday": "MONDAY", "minutes": 0, "disciplines": [], "notes": None}


async def week(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.run("AthleteProfile"))["viewer"]["availability"]
    return found


async def test_a_week_is_set_whole_from_monday_on(ada: Person) -> None:
    assert await week(ada) == []
    made = await ada.mutate("SetAvailability", days=[SUNDAY, MONDAY])
    assert made["availability"] == await week(ada) == [MONDAY, SUNDAY]
    await ada.mutate("SetAvailability", days=[SUNDAY | {"minutes": 90}])
    assert await week(ada) == [SUNDAY | {"minutes": 90}]


async def test_one_day_is_set_and_cleared_and_the_others_stay(ada: Person) -> None:
    await ada.mutate("SetAvailability", days=[SUNDAY, MONDAY])
    await ada.mutate("SetAvailabilityDay", weekday="MONDAY", minutes=45, disciplines=["SWIM", "SWIM"])
    assert await week(ada) == [MONDAY | {"minutes": 45, "disciplines": ["SWIM"]}, SUNDAY]
    for _ in range(2):  # a day about which nothing was said can be cleared too
        cleared = await ada.mutate("ClearAvailabilityDay", weekday="MONDAY")
        assert (cleared["errors"], cleared["availability"]) == ([], [SUNDAY])


async def test_no_time_is_not_the_same_as_nothing_said(ada: Person) -> None:
    await ada.mutate("SetAvailabilityDay", weekday="MONDAY", minutes=0)
    assert await week(ada) == [MONDAY]


async def test_what_cannot_be_is_refused_at_its_day(ada: Person) -> None:
    days = [MONDAY | {"minutes": 1441}, SUNDAY | {"minutes": -1, "notes": "x" * 501}, MONDAY]
    assert await ada.codes("SetAvailability", days=days) == [
        ("OUT_OF_RANGE", "days.0.minutes"),
        ("OUT_OF_RANGE", "days.1.minutes"),
        ("TOO_LONG", "days.1.notes"),
        ("INVALID", "days.2.weekday"),
    ]
    assert await ada.codes("SetAvailabilityDay", weekday="MONDAY", minutes=1441) == [("OUT_OF_RANGE", "minutes")]
    assert await week(ada) == []


async def test_a_week_is_its_athletes_alone(ada: Person, bob: Person) -> None:
    await ada.mutate("SetAvailability", days=[SUNDAY])
    await bob.mutate("ClearAvailabilityDay", weekday="SUNDAY")
    assert (await week(ada), await week(bob)) == ([SUNDAY], [])


@pytest.mark.parametrize(
    ("name", "input"),
    [
        ("SetAvailability", {"days": [SUNDAY]}),
        ("SetAvailabilityDay", {"weekday": "MONDAY", "minutes": 1}),
        ("ClearAvailabilityDay", {"weekday": "MONDAY"}),
    ],
)
async def test_nobody_signed_in_changes_nothing(stranger: Api, name: str, input: dict[str, Any]) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.mutate(name, **input)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_changes_leave_a_trail_and_no_change_leaves_none(ada: Person, db: Database) -> None:
    await ada.mutate("SetAvailability", days=[SUNDAY])
    await ada.mutate("SetAvailability", days=[SUNDAY])
    await ada.mutate("SetAvailabilityDay", weekday="SUNDAY", minutes=10)
    first, second = await changes_of(db, ada, "availability.set")
    assert first.after == {"SUNDAY": {"minutes": 180, "disciplines": ["RIDE", "RUN"], "notes": "Long one"}}
    assert second.after == {"SUNDAY": {"minutes": 10, "disciplines": [], "notes": None}}
