"""Who sees what of whom, and that each look is written down."""

import httpx
import pytest

from coachwatts.db.engine import Database
from tests.kit.api import Api, Failed, Person, join
from tests.kit.statements import counted
from tests.kit.trust import let_coach, new_coach, relationships, set_capabilities, trail

NODE = "query ($id: ID!) { node(id: $id) { id ... on User { name dob } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
PRIVATE = """query ($id: ID!) { athlete(id: $id) {
  email emailVerified locale units weekStartsOn capabilities deletionDueAt
  consents { kind } coachingRelationships(first: 1) { totalCount } auditEvents(first: 1) { totalCount }
  sessions(first: 1) { totalCount } accessTokens { id }
} }"""
REASON = "Ticket 4711: zones look wrong"


async def look(person: Api, athlete_id: str, reason: str | None = None) -> dict[str, object] | None:
    found: dict[str, object] | None = (await person.run("Athlete", id=athlete_id, reason=reason))["athlete"]
    return found


async def node(person: Api, athlete_id: str) -> object:
    return (await person.send(NODE, {"id": athlete_id})).json()["data"]["node"]


async def born(person: Person) -> Person:
    await person.mutate("UpdateProfile", dateOfBirth="1990-04-01")
    return person


async def test_not_yours_and_not_there_are_one_answer(ada: Person, bob: Person, carla: Person) -> None:
    nowhere = ada.id[:-6] + "AAAAAA"
    with counted() as of_somebody:
        assert await look(carla, ada.id) is None
    with counted() as of_nobody:
        assert await look(carla, "VXNlcjowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA") is None
    assert of_somebody == of_nobody
    for text in (nowhere, "x", "", "None", "é" * 400):
        assert await look(bob, text) is None
        assert await node(bob, text) is None
    assert await node(bob, ada.id) is None
    assert await trail(ada, "athlete.read") == []


async def test_one_looks_at_oneself_without_a_line_in_the_trail(ada: Person) -> None:
    await born(ada)
    found = await look(ada, ada.id)
    assert found
    assert (found["name"], found["dob"]) == ("Ada", "1990-04-01")
    assert await node(ada, ada.id) == {"id": ada.id, "name": "Ada", "dob": "1990-04-01"}
    assert await trail(ada, "athlete.read") == []


async def test_a_coach_sees_what_was_granted_and_the_athlete_reads_who_looked(ada: Person, carla: Person) -> None:
    await born(ada)
    await let_coach(ada, carla, "TRAINING")
    found = await look(carla, ada.id)
    assert found
    assert (found["name"], found["dob"]) == ("Ada", "1990-04-01")
    assert await node(carla, ada.id) == {"id": ada.id, "name": "Ada", "dob": "1990-04-01"}
    lines = await trail(ada, "athlete.read")
    assert [(line["actingAs"], line["actor"]["name"], line["after"]) for line in lines] == [("COACH", "Carla", {"areas": ["TRAINING"]})] * 2
    assert lines[0]["ip"] is None  # where others are is theirs


async def test_what_was_not_granted_is_null(ada: Person, carla: Person) -> None:
    await born(ada)
    await let_coach(ada, carla, "NUTRITION")
    found = await look(carla, ada.id)
    assert found
    assert (found["name"], found["dob"], found["profile"], found["ftp"], found["maxHr"]) == ("Ada", None, None, None, None)


@pytest.mark.parametrize("side", ["coach", "administrator"])
async def test_the_account_stays_its_owners(ada: Person, carla: Person, rosa: Person, side: str) -> None:
    await let_coach(ada, carla, "TRAINING", "HEALTH", "NUTRITION", "PHOTOS", "PLANS", "REPORTS")
    body = (await (carla if side == "coach" else rosa).send(PRIVATE, {"id": ada.id})).json()
    assert "errors" not in body
    assert set(body["data"]["athlete"].values()) == {None}


async def test_paused_ended_and_withdrawn_are_null_at_once(http: httpx.AsyncClient, ada: Person) -> None:
    for undo in ("PAUSED", "ENDED", "withdrawn"):
        coach = await new_coach(http)
        own_id = await let_coach(ada, coach, "TRAINING")
        assert await look(coach, ada.id)
        if undo == "withdrawn":
            await ada.mutate("WithdrawConsent", kind="COACH_SHARING")
        else:
            await ada.mutate("SetCoachingStatus", id=own_id, status=undo)
        assert await look(coach, ada.id) is None
        assert await node(coach, ada.id) is None


async def test_who_is_no_coach_any_longer_sees_nothing(ada: Person, carla: Person, db: Database) -> None:
    await let_coach(ada, carla, "TRAINING")
    await set_capabilities(db, carla)
    assert await look(carla, ada.id) is None


async def test_a_coach_does_not_act_with_the_athletes_admin_flag(rosa: Person, ada: Person, carla: Person) -> None:
    """The fault of a product of this kind."""
    await let_coach(rosa, carla, "TRAINING")
    assert await look(carla, rosa.id)
    with pytest.raises(Failed) as failed:
        await carla.run("Accounts", first=1)
    assert failed.value.codes == ["NOT_ALLOWED"]
    assert await look(carla, ada.id, REASON) is None


async def test_an_administrator_sees_the_account_and_the_data_only_with_a_reason(ada: Person, rosa: Person) -> None:
    await born(ada)
    without, given = await look(rosa, ada.id), await look(rosa, ada.id, f"  {REASON} ")
    assert without
    assert given
    assert (without["name"], without["dob"], without["profile"]) == ("Ada", None, None)
    assert (given["name"], given["dob"]) == ("Ada", "1990-04-01")
    lines = await trail(ada, "athlete.read")
    assert [(line["actingAs"], line["actor"]["name"], line["reason"]) for line in lines] == [
        ("ADMIN", "Rosa", REASON),
        ("ADMIN", "Rosa", None),
    ]


@pytest.mark.parametrize(
    ("reason", "code"), [("", "REQUIRED"), ("because", "TOO_SHORT"), ("x" * 501, "TOO_LONG"), ("for\u0000 the ticket", "INVALID")]
)
async def test_a_reason_has_to_be_one(ada: Person, rosa: Person, reason: str, code: str) -> None:
    with pytest.raises(Failed) as failed:
        await look(rosa, ada.id, reason)
    assert failed.value.codes == [code]
    assert await trail(ada, "athlete.read") == []


async def test_a_reason_opens_nothing_to_anybody_else(ada: Person, bob: Person, carla: Person) -> None:
    await let_coach(ada, carla, "NUTRITION")
    assert await look(bob, ada.id, REASON) is None
    found = await look(carla, ada.id, REASON)
    assert found
    assert found["profile"] is None
    assert [line["reason"] for line in await trail(ada, "athlete.read")] == [None]


async def test_a_personal_token_of_an_administrator_looks_at_nobody(ada: Person, rosa: Person) -> None:
    token = (await rosa.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_READ"]))["token"]
    found = await Api(rosa.http, token).send(
        "query ($id: ID!, $why: String) { athlete(id: $id, reason: $why) { id } }", {"id": ada.id, "why": REASON}
    )
    assert found.json()["data"]["athlete"] is None


async def test_a_coachs_token_looks_as_far_as_the_coach(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    token = (await carla.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_READ"]))["token"]
    found = (await Api(carla.http, token).send("query ($id: ID!) { athlete(id: $id) { name ftp } }", {"id": ada.id})).json()
    assert found["data"]["athlete"]["name"] == "Ada"
    assert len(await trail(ada, "athlete.read")) == 1


async def test_nobody_sees_who_is_about_to_leave(ada: Person, carla: Person, rosa: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    await ada.mutate("DeleteAccount")
    for person in (carla, rosa):
        assert await look(person, ada.id) is None
    assert [row["status"] for row in await relationships(carla)] == ["ENDED"]


async def test_signed_out_there_is_nobody_to_see(stranger: Api, ada: Person) -> None:
    with pytest.raises(Failed) as failed:
        await look(stranger, ada.id)
    assert failed.value.codes == ["UNAUTHENTICATED"]
    assert await node(stranger, ada.id) is None


async def test_many_looks_are_one_transaction_with_a_line_each(http: httpx.AsyncClient, carla: Person) -> None:
    athletes = [await join(http, name=f"Athlete {number}") for number in range(4)]
    for athlete in athletes:
        await let_coach(athlete, carla, "TRAINING")
    unknown = await join(http)
    budgets = []
    for some in (athletes[:1], athletes):
        with counted() as statements:
            found = (await carla.send(NODES, {"ids": [person.id for person in (*some, unknown)]})).json()["data"]["nodes"]
        assert [each and each["id"] for each in found] == [*(person.id for person in some), None]
        budgets.append(len(statements))
    assert budgets == [4, 4]  # session, what is granted, accounts, the lines
    assert [len(await trail(athlete, "athlete.read")) for athlete in athletes] == [2, 1, 1, 1]


async def test_more_ids_than_a_page_are_refused_and_not_cut_off(ada: Person) -> None:
    body = (await ada.send(NODES, {"ids": ["x"] * 101})).json()
    assert body["errors"][0]["extensions"]["code"] == "TOO_LONG"
    assert (await ada.send(NODES, {"ids": ["x"] * 100})).json()["data"]["nodes"] == [None] * 100


async def test_looking_at_an_athlete_costs_a_fixed_number_of_statements(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    with counted() as statements:
        await look(carla, ada.id)
    assert len(statements) == 6, statements  # session, what is granted, account, the line, profile, thresholds
    with counted() as statements:
        await look(ada, ada.id)
    assert len(statements) == 4, statements
