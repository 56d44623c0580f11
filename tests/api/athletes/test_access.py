"""Who else reaches an athlete's figures: a coach as far as was granted, a token as far as its scopes go."""

from typing import Any

import httpx
import pytest

from tests.kit.api import Api, Failed, Person
from tests.kit.athletes import threshold
from tests.kit.statements import counted
from tests.kit.trust import let_coach, new_coach

NODE = "query Node($id: ID!) { node(id: $id) { __typename } }"


@pytest.fixture
async def rider(ada: Person) -> Person:
    await ada.mutate("UpdateProfile", dateOfBirth="1990-04-01", athleteContext="Two knees")
    await ada.mutate("SetAvailabilityDay", weekday="SUNDAY", minutes=180)
    await threshold(ada, "RIDE", "2026-01-10", ftpWatts=250, maxHr=190)
    return ada


async def look(person: Person, athlete: Person) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await person.run("AthleteTraining", id=athlete.id, discipline="RIDE"))["athlete"]
    return found


async def test_a_coach_who_was_granted_training_sees_all_of_it(rider: Person, http: httpx.AsyncClient) -> None:
    coach = await new_coach(http)
    await let_coach(rider, coach, "TRAINING")
    with counted() as statements:
        seen = await look(coach, rider)
    assert seen
    assert (seen["ftp"], seen["maxHr"], seen["dob"], seen["profile"]["athleteContext"]) == (250, 190, "1990-04-01", "Two knees")
    assert [day["minutes"] for day in seen["availability"]] == [180]
    assert [zone["lower"] for zone in seen["power"]["zones"]] == [0, 138, 188, 225, 263, 300, 375]
    assert len(seen["thresholds"]["edges"]) == 1
    # session; relationship, account, trail; profile, availability, history, custom zones, page
    assert len(statements) == 9, statements


async def test_a_coach_with_other_areas_sees_none_of_it(rider: Person, http: httpx.AsyncClient) -> None:
    coach = await new_coach(http)
    await let_coach(rider, coach, "HEALTH", "NUTRITION")
    seen = await look(coach, rider)
    assert seen
    assert {name: value for name, value in seen.items() if value is not None} == {"id": rider.id}


async def test_a_node_follows_the_same_grants(rider: Person, bob: Person, http: httpx.AsyncClient) -> None:
    wanted = (await threshold(rider, "RIDE", "2026-01-10", ftpWatts=250))["id"]
    trainer, dietician = await new_coach(http), await new_coach(http)
    await let_coach(rider, trainer, "TRAINING")
    await let_coach(rider, dietician, "NUTRITION")
    found = [(await person.send(NODE, {"id": wanted})).json()["data"]["node"] for person in (rider, trainer, dietician, bob)]
    assert found == [{"__typename": "Threshold"}, {"__typename": "Threshold"}, None, None]


async def test_a_coach_changes_nothing(rider: Person, http: httpx.AsyncClient) -> None:
    coach = await new_coach(http)
    await let_coach(rider, coach, "TRAINING")
    adas = (await threshold(rider, "RIDE", "2026-01-10", ftpWatts=250))["id"]
    assert await coach.codes("UpdateThreshold", id=adas, ftpWatts=1) == [("NOT_FOUND", "id")]
    assert await coach.codes("DeleteThreshold", id=adas) == [("NOT_FOUND", "id")]


async def token(person: Person, *scopes: str) -> Api:
    made = await person.mutate("CreateAccessToken", name="script", scopes=list(scopes))
    assert made["errors"] == [], made
    return Api(person.http, made["token"])


async def test_a_token_reads_and_writes_as_its_scopes_say(rider: Person) -> None:
    reader, writer, other = [await token(rider, scope) for scope in ("ATHLETE_READ", "ATHLETE_WRITE", "ACCOUNT_READ")]
    assert (await reader.run("AthleteToday", discipline="RIDE"))["viewer"]["ftp"] == 250
    assert await writer.codes("UpdateProfile", heightCm=170) == []
    for api, document, given in (
        (other, "AthleteProfile", {}),
        (other, "Thresholds", {"first": 1}),
        (other, "TrainingZones", {"discipline": "RIDE", "metric": "HR"}),
        (reader, "UpdateProfile", {"input": {"heightCm": 1}}),
        (reader, "SetThreshold", {"input": {"discipline": "RUN", "effectiveFrom": "2026-01-01", "lthr": 170}}),
        (reader, "SetAvailability", {"input": {"days": []}}),
        (reader, "ResetTrainingZones", {"input": {"discipline": "RIDE", "metric": "HR"}}),
    ):
        with pytest.raises(Failed) as failed:
            await api.run(document, **given)
        assert failed.value.codes == ["NOT_ALLOWED"], document
