from datetime import UTC, datetime, timedelta

import pytest

from coachwatts.db.engine import Database
from tests.kit.accounts import user_of
from tests.kit.api import Api, Failed, Person
from tests.kit.athletes import changes_of

UNKNOWN = {
    "dateOfBirth": None,
    "sex": None,
    "heightCm": None,
    "athleteContext": None,
    "planningContext": None,
    "preferences": None,
    "primarySport": None,
    "autoAcceptThresholds": False,
}


async def test_a_new_athlete_is_unknown_not_average(ada: Person) -> None:
    viewer = (await ada.run("AthleteProfile"))["viewer"]
    assert viewer == {"dob": None, "weight": None, "profile": UNKNOWN, "availability": []}


async def test_a_profile_is_filled_in_read_again_and_cleared_in_part(ada: Person) -> None:
    given = {"dateOfBirth": "1990-04-01", "sex": "FEMALE", "heightCm": 171.5, "primarySport": "RUN", "athleteContext": " Two knees. "}
    filled = await ada.mutate("UpdateProfile", **given)
    assert filled["profile"] == UNKNOWN | given | {"athleteContext": "Two knees."}
    await ada.mutate("UpdateProfile", sex=None, preferences="Hills")
    viewer = (await ada.run("AthleteProfile"))["viewer"]
    assert viewer["profile"] == UNKNOWN | given | {"athleteContext": "Two knees.", "sex": None, "preferences": "Hills"}
    assert viewer["dob"] == "1990-04-01"


TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("dateOfBirth", str(TOMORROW + timedelta(days=1)), "OUT_OF_RANGE"),
        ("dateOfBirth", "1860-01-01", "OUT_OF_RANGE"),
        ("heightCm", 49.9, "OUT_OF_RANGE"),
        ("heightCm", 260.1, "OUT_OF_RANGE"),
        ("athleteContext", "x" * 10_001, "TOO_LONG"),
        ("planningContext", "bell \x07", "INVALID"),
        ("preferences", "x" * 10_001, "TOO_LONG"),
        ("autoAcceptThresholds", None, "REQUIRED"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(ada: Person, field: str, value: object, code: str) -> None:
    assert await ada.codes("UpdateProfile", **{field: value}) == [(code, field)]
    assert (await ada.run("AthleteProfile"))["viewer"]["profile"] == UNKNOWN


async def test_every_problem_is_told_at_once(ada: Person) -> None:
    codes = await ada.codes("UpdateProfile", heightCm=1, dateOfBirth="3000-01-01", preferences="x" * 20_000)
    assert codes == [("OUT_OF_RANGE", "dateOfBirth"), ("OUT_OF_RANGE", "heightCm"), ("TOO_LONG", "preferences")]


async def test_height_is_kept_to_the_millimetre(ada: Person) -> None:
    answered = (await ada.mutate("UpdateProfile", heightCm=171.26))["profile"]["heightCm"]
    assert answered == (await ada.run("AthleteProfile"))["viewer"]["profile"]["heightCm"] == 171.3


async def test_edges_of_the_ranges_are_in(ada: Person) -> None:
    assert await ada.codes("UpdateProfile", heightCm=50, dateOfBirth=str(TOMORROW)) == []
    assert await ada.codes("UpdateProfile", heightCm=260, athleteContext="x" * 10_000) == []


async def test_nobody_signed_in_changes_nothing(stranger: Api) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.mutate("UpdateProfile", sex="MALE")
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_a_profile_is_its_athletes_alone(ada: Person, bob: Person) -> None:
    await ada.mutate("UpdateProfile", athleteContext="secret")
    assert (await bob.run("AthleteProfile"))["viewer"]["profile"] == UNKNOWN


async def test_each_change_leaves_what_was_and_what_is_in_the_trail(ada: Person, db: Database) -> None:
    await ada.mutate("UpdateProfile", heightCm=170, sex="MALE")
    await ada.mutate("UpdateProfile", heightCm=171)
    await ada.mutate("UpdateProfile", heightCm=171, sex="MALE")  # changes nothing, and so says nothing
    first, second = await changes_of(db, ada, "profile.changed")
    assert first.before is None
    assert first.after["height_cm"] == 170
    assert (second.before, second.after) == ({"height_cm": 170.0}, {"height_cm": 171.0})
    assert second.actor_id == second.athlete_id == user_of(ada)
