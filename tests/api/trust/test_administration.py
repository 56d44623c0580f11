from asyncio import gather
from datetime import timedelta

import httpx
import pytest

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database, owner_engine
from tests.kit.api import PASSWORD, Api, Failed, Person, join
from tests.kit.statements import counted
from tests.kit.trust import administrator, set_capabilities, trail

NODE = "query ($id: ID!) { node(id: $id) { id ... on ManagedAccount { email } } }"
LAST = [("CONFLICT", "capabilities")]


@pytest.fixture
async def nobody_else(settings: Settings) -> None:
    """No administrators besides those of the test."""
    async with owner_engine(settings).begin() as connection:
        await connection.exec_driver_sql("UPDATE user_account SET capabilities = '{}' WHERE 'ADMIN' = ANY (capabilities)")


async def account(admin: Person, person: Person) -> dict[str, object]:
    (edge,) = (await admin.run("Accounts", first=5, search=person.email))["accounts"]["edges"]
    found: dict[str, object] = edge["node"]
    return found


async def is_in(api: Api) -> bool:
    try:
        return (await api.run("Viewer"))["viewer"] is not None
    except Failed:
        return False


async def test_an_account_is_shown_without_an_athletes_data(ada: Person, rosa: Person) -> None:
    await ada.mutate("BecomeCoach")
    found = await account(rosa, ada)
    assert found | {"id": "", "createdAt": "", "lastSignInAt": ""} == {
        "id": "",
        "userId": ada.id,
        "name": "Ada",
        "email": ada.email,
        "verified": True,
        "capabilities": ["COACH"],
        "active": True,
        "lockedUntil": None,
        "lastSignInAt": "",
        "createdAt": "",
        "deletionDueAt": None,
    }
    assert (await rosa.send(NODE, {"id": found["id"]})).json()["data"]["node"] == {"id": found["id"], "email": ada.email}


async def test_accounts_come_newest_first_in_pages_from_either_end(http: httpx.AsyncClient, rosa: Person) -> None:
    mark = clock.now().strftime("Page%H%M%S%f")
    people = [await join(http, name=f"{mark} {number}") for number in range(5)]
    newest_first = [person.email for person in reversed(people)]

    async def emails(**arguments: object) -> tuple[list[str], dict[str, object]]:
        found = (await rosa.run("Accounts", search=mark.lower(), **arguments))["accounts"]
        assert found["totalCount"] == 5
        return [edge["node"]["email"] for edge in found["edges"]], found["pageInfo"]

    first, info = await emails(first=2)
    second, _ = await emails(first=2, after=info["endCursor"])
    third, end = await emails(first=2, after=_["endCursor"])
    assert [*first, *second, *third] == newest_first
    assert (info["hasNextPage"], info["hasPreviousPage"], end["hasNextPage"], end["hasPreviousPage"]) == (True, False, False, True)
    last, info = await emails(last=2)
    earlier, _ = await emails(last=2, before=info["startCursor"])
    assert (last, earlier) == (newest_first[-2:], newest_first[1:3])


@pytest.mark.parametrize("search", ["%example%", "a_a@", "' OR 1=1 --", "nobody-has-this"])
async def test_a_search_is_words_and_no_pattern(rosa: Person, search: str) -> None:
    assert (await rosa.run("Accounts", first=1, search=search))["accounts"]["totalCount"] == 0


async def test_a_search_too_long_says_where(rosa: Person) -> None:
    with pytest.raises(Failed) as failed:
        await rosa.run("Accounts", first=1, search="x" * 255)
    assert failed.value.codes == ["TOO_LONG"]


DEEDS = [
    ("SetCapabilities", {"capabilities": ["COACH"]}),
    ("SetAccountActive", {"active": False}),
    ("LiftAccountLock", {}),
    ("SignOutEverywhere", {}),
]


@pytest.mark.parametrize(("document", "input"), DEEDS)
async def test_only_an_administrator_with_a_fresh_password_may(
    ada: Person, rosa: Person, stranger: Api, document: str, input: dict[str, object]
) -> None:
    bob = await join(ada.http, name="Bob")
    target = (await account(rosa, ada))["id"]
    assert await bob.codes(document, id=target, **input) == [("NOT_ALLOWED", "")]
    assert (await bob.send(NODE, {"id": target})).json()["data"]["node"] is None
    with clock.turned_by(timedelta(minutes=16)):
        assert await rosa.codes(document, id=target, **input) == [("CONFIRMATION_REQUIRED", "")]
    with pytest.raises(Failed) as signed_out:
        await stranger.run(document, input={"id": target, **input})
    token = (await rosa.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_WRITE"]))["token"]
    with pytest.raises(Failed) as by_token:
        await Api(rosa.http, token).run(document, input={"id": target, **input})
    assert (signed_out.value.codes, by_token.value.codes) == (["UNAUTHENTICATED"], ["NOT_ALLOWED"])
    assert await account(rosa, ada) == await account(rosa, ada) | {"active": True, "capabilities": []}
    assert await is_in(ada)


@pytest.mark.parametrize(("document", "input"), DEEDS)
async def test_who_is_not_there_is_told_where(rosa: Person, ada: Person, document: str, input: dict[str, object]) -> None:
    for text in ("x", "", ada.id):
        assert await rosa.codes(document, id=text, **input) == [("NOT_FOUND", "id")]


async def test_who_becomes_an_administrator_signs_in_anew(ada: Person, rosa: Person) -> None:
    target = (await account(rosa, ada))["id"]
    made = await rosa.mutate("SetCapabilities", id=target, capabilities=["ADMIN", "COACH", "COACH"])
    assert made["account"]["capabilities"] == ["ADMIN", "COACH"]
    assert not await is_in(ada)
    signed_in = await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER")
    ada.token = signed_in["token"]
    assert await ada.codes("SetCapabilities", id=target, capabilities=["COACH"]) == []  # rosa is still one
    assert await is_in(ada)
    lines = await trail(ada, "account.capabilities_changed")
    assert [(line["actingAs"], line["after"]) for line in lines] == [
        ("ADMIN", {"capabilities": ["COACH"]}),
        ("ADMIN", {"capabilities": ["ADMIN", "COACH"]}),
    ]
    assert lines[1]["actor"]["name"] == "Rosa"


async def test_switched_off_is_out_at_once_and_lets_nobody_see(ada: Person, rosa: Person) -> None:
    token = Api(ada.http, (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"])
    target = (await account(rosa, ada))["id"]
    assert (await rosa.mutate("SetAccountActive", id=target, active=False))["account"]["active"] is False
    assert [await is_in(api) for api in (ada, token)] == [False, False]
    wrong = await Api(ada.http).codes("SignIn", email=ada.email, password=PASSWORD, transport="BEARER")
    assert wrong == [("WRONG_CREDENTIALS", "")]
    assert (await rosa.run("Athlete", id=ada.id))["athlete"] is None
    await rosa.mutate("SetAccountActive", id=target, active=True)
    assert not await is_in(token)  # what was ended stays ended
    assert await Api(ada.http).codes("SignIn", email=ada.email, password=PASSWORD, transport="BEARER") == []


async def test_nobody_switches_themselves_off(rosa: Person) -> None:
    own = (await account(rosa, rosa))["id"]
    assert await rosa.codes("SetAccountActive", id=own, active=False) == [("CONFLICT", "id")]
    assert await is_in(rosa)


async def test_a_lock_is_lifted(ada: Person, rosa: Person) -> None:
    for _ in range(5):
        await Api(ada.http).codes("SignIn", email=ada.email, password="wrong password")
    locked = await account(rosa, ada)
    assert locked["lockedUntil"]
    assert (await rosa.mutate("LiftAccountLock", id=locked["id"]))["account"]["lockedUntil"] is None
    assert await Api(ada.http).codes("SignIn", email=ada.email, password=PASSWORD, transport="BEARER") == []


async def test_all_sessions_and_tokens_of_a_person_end(ada: Person, bob: Person, rosa: Person) -> None:
    token = Api(ada.http, (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"])
    await rosa.mutate("SignOutEverywhere", id=(await account(rosa, ada))["id"])
    assert [await is_in(api) for api in (ada, token, bob, rosa)] == [False, False, True, True]


@pytest.mark.usefixtures("nobody_else")
async def test_the_last_administrator_stays_one(rosa: Person, ada: Person, http: httpx.AsyncClient, db: Database) -> None:
    own = (await account(rosa, rosa))["id"]
    assert await rosa.codes("SetCapabilities", id=own, capabilities=[]) == LAST
    assert await rosa.codes("DeleteAccount") == [("CONFLICT", "")]
    async with administrator(http, db, "Otto") as otto:
        await otto.mutate("DeleteAccount")  # one who is leaving does not count
        assert await rosa.codes("SetCapabilities", id=own, capabilities=[]) == LAST
        await otto.mutate("KeepAccount")
        assert await rosa.codes("SetCapabilities", id=own, capabilities=[]) == []
        assert await otto.codes("DeleteAccount") == [("CONFLICT", "")]
    await ada.mutate("DeleteAccount")  # who is none may leave


@pytest.mark.usefixtures("nobody_else")
async def test_two_who_remove_each_other_at_once_do_not_both_succeed(rosa: Person, http: httpx.AsyncClient, db: Database) -> None:
    async with administrator(http, db, "Otto") as otto:
        targets = [(await account(rosa, otto))["id"], (await account(rosa, rosa))["id"]]
        pairs = zip((rosa, otto), targets, strict=True)
        answers = await gather(*(admin.codes("SetCapabilities", id=target, capabilities=[]) for admin, target in pairs))
        assert sorted(answers, key=len) == [[], LAST]
        await set_capabilities(db, rosa, "ADMIN")
        await set_capabilities(db, otto, "ADMIN")
        pairs = zip((rosa, otto), targets, strict=True)
        answers = await gather(*(admin.codes("SetAccountActive", id=target, active=False) for admin, target in pairs))
        assert [] in answers
        assert answers != [[], []]


async def test_budgets(ada: Person, rosa: Person) -> None:
    target = (await account(rosa, ada))["id"]
    with counted() as listing:
        await rosa.run("Accounts", first=50)
    with counted() as changing:
        await rosa.mutate("SetCapabilities", id=target, capabilities=["COACH"])
    with counted() as switching:
        await rosa.mutate("SetAccountActive", id=target, active=False)
    with counted() as unlocking:
        await rosa.mutate("LiftAccountLock", id=target)
    with counted() as ending:
        await rosa.mutate("SignOutEverywhere", id=target)
    assert [len(each) for each in (listing, changing, switching, unlocking, ending)] == [4, 4, 6, 3, 5]
