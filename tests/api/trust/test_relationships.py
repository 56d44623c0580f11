from asyncio import gather

import httpx
import pytest

from tests.kit.api import Person
from tests.kit.statements import counted
from tests.kit.trust import let_coach, new_coach, relationships, trail

BY_ID = "query ($id: ID!) { node(id: $id) { id ... on CoachingRelationship { status mySide } } }"


async def one(person: Person) -> dict[str, object]:
    (found,) = await relationships(person)
    return found


async def status(person: Person, to: str) -> list[tuple[str, str]]:
    return await person.codes("SetCoachingStatus", id=(await one(person))["id"], status=to)


async def sees(coach: Person, athlete: Person) -> bool:
    return (await coach.run("Athlete", id=athlete.id))["athlete"] is not None


async def test_the_athlete_chooses_anew_what_the_coach_sees(ada: Person, carla: Person) -> None:
    own_id = await let_coach(ada, carla, "TRAINING")
    changed = await ada.mutate("GrantAreasToCoach", id=own_id, areas=["HEALTH", "PLANS", "HEALTH"])
    assert changed["relationship"]["areas"] == ["HEALTH", "PLANS"]
    assert (await one(carla))["areas"] == ["HEALTH", "PLANS"]
    line = (await trail(ada, "coaching.areas_changed"))[0]
    assert (line["before"], line["after"]) == ({"areas": ["TRAINING"]}, {"areas": ["HEALTH", "PLANS"]})


async def test_a_coach_grants_themselves_nothing(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    theirs = (await one(carla))["id"]
    assert await carla.codes("GrantAreasToCoach", id=theirs, areas=["HEALTH"]) == [("NOT_ALLOWED", "areas")]
    assert (await one(ada))["areas"] == ["TRAINING"]


async def test_paused_shows_nothing_until_the_athlete_resumes(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    assert await sees(carla, ada)
    for pausing in (ada, carla):
        assert await status(pausing, "PAUSED") == []
        assert not await sees(carla, ada)
        assert await status(carla, "ACTIVE") == [("NOT_ALLOWED", "status")]
        assert await status(ada, "ACTIVE") == []
        assert await sees(carla, ada)


@pytest.mark.parametrize("side", ["athlete", "coach"])
async def test_either_side_ends_it_at_once_and_for_good(ada: Person, carla: Person, side: str) -> None:
    own_id = await let_coach(ada, carla, "TRAINING")
    assert await status(ada if side == "athlete" else carla, "ENDED") == []
    assert not await sees(carla, ada)
    assert (await one(ada))["endedAt"] == (await one(carla))["endedAt"] is not None
    for to in ("ACTIVE", "PAUSED"):
        assert await status(ada, to) == [("CONFLICT", "id")]
    assert await ada.codes("GrantAreasToCoach", id=own_id, areas=["HEALTH"]) == [("CONFLICT", "id")]
    assert await status(ada, "ENDED") == []  # it is so already


async def test_after_an_end_a_new_invitation_begins_anew(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    await status(ada, "ENDED")
    await let_coach(ada, carla, "PLANS")
    assert [(row["status"], row["areas"]) for row in await relationships(ada)] == [("ACTIVE", ["PLANS"]), ("ENDED", ["TRAINING"])]
    assert await sees(carla, ada)


async def test_what_waits_to_be_accepted_can_only_be_withdrawn(ada: Person) -> None:
    await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])
    assert await status(ada, "ACTIVE") == [("CONFLICT", "id")]
    assert await status(ada, "PAUSED") == [("CONFLICT", "id")]
    assert await status(ada, "ENDED") == []


async def test_nothing_becomes_an_invitation_again(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    assert await status(ada, "INVITED") == [("INVALID", "status")]
    assert (await one(ada))["status"] == "ACTIVE"


async def test_of_a_pause_and_an_end_at_once_the_end_stays(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    own, theirs = (await one(ada))["id"], (await one(carla))["id"]
    await gather(carla.codes("SetCoachingStatus", id=theirs, status="PAUSED"), ada.codes("SetCoachingStatus", id=own, status="ENDED"))
    assert (await one(ada))["status"] == "ENDED"


async def test_a_relationship_of_others_is_not_there(ada: Person, bob: Person, carla: Person) -> None:
    own_id = await let_coach(ada, carla, "TRAINING")
    their_view = str((await one(carla))["id"])
    for foreign in (own_id, their_view, "x", ""):
        assert await bob.codes("SetCoachingStatus", id=foreign, status="ENDED") == [("NOT_FOUND", "id")]
        assert await bob.codes("GrantAreasToCoach", id=foreign, areas=["HEALTH"]) == [("NOT_FOUND", "id")]
        assert (await bob.send(BY_ID, {"id": foreign})).json()["data"]["node"] is None
    assert (await ada.send(BY_ID, {"id": own_id})).json()["data"]["node"] == {"id": own_id, "status": "ACTIVE", "mySide": "ATHLETE"}
    assert (await carla.send(BY_ID, {"id": own_id})).json()["data"]["node"] is None  # each has their own name for it
    assert (await one(ada))["status"] == "ACTIVE"


async def test_the_list_comes_in_pages_by_status(http: httpx.AsyncClient, ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    await let_coach(ada, await new_coach(http, "Nils"), "TRAINING")
    await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])
    page = (await ada.run("CoachingRelationships", first=1, status=["ACTIVE"]))["viewer"]["coachingRelationships"]
    rest = (await ada.run("CoachingRelationships", first=5, status=["ACTIVE"], after=page["pageInfo"]["endCursor"]))["viewer"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"], page["edges"][0]["node"]["coach"]["name"]) == (2, True, "Nils")
    assert [edge["node"]["coach"]["name"] for edge in rest["coachingRelationships"]["edges"]] == ["Carla"]


async def test_budgets(http: httpx.AsyncClient, ada: Person, carla: Person) -> None:
    own_id = await let_coach(ada, carla, "TRAINING")
    with counted() as granting:
        await ada.mutate("GrantAreasToCoach", id=own_id, areas=["PLANS"])
    with counted() as pausing:
        await ada.mutate("SetCoachingStatus", id=own_id, status="PAUSED")
    with counted() as alone:
        await relationships(ada)
    await let_coach(ada, await new_coach(http, "Nils"), "TRAINING")
    with counted() as together:
        await relationships(ada)
    assert (len(granting), len(pausing)) == (5, 5), (granting, pausing)
    assert len(alone) == len(together) == 5, together  # session, person, page, count, names
