from asyncio import gather
from datetime import datetime, timedelta

import httpx
import pytest

from coachwatts.clock import now, turned_by
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import tokens
from coachwatts.security.tokens import Token, TokenKind
from tests.kit.api import Api, Failed, Person, document
from tests.kit.ids import key_of
from tests.kit.statements import counted

NAMED = "{ viewer { id name } }"
PRIVATE = "{ viewer { email } }"


async def make(person: Person, *scopes: str, name: str = "script", **more: object) -> Api:
    payload = await person.mutate("CreateAccessToken", name=name, scopes=scopes or ["ACCOUNT_READ"], **more)
    assert payload["errors"] == [], payload
    return Api(person.http, payload["token"])


async def listed(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await person.run("AccessTokens"))["viewer"]["accessTokens"]
    return found


async def refusal(api: Api, query: str, variables: dict[str, object] | None = None) -> tuple[int, str]:
    response = await api.send(query, variables)
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


async def test_a_script_reads_with_its_token_what_the_scopes_say(ada: Person) -> None:
    script = await make(ada, "ACCOUNT_READ")
    viewer = (await script.send("{ viewer { id email timezone } }")).json()["data"]["viewer"]
    assert viewer == {"id": ada.id, "email": ada.email, "timezone": "UTC"}


async def test_the_token_is_shown_once_and_recognised_by_how_it_begins(ada: Person, db: Database) -> None:
    script = await make(ada, "ATHLETE_READ", "ACCOUNT_READ", "ACCOUNT_READ", name="  my watch ")
    [row] = await listed(ada)
    assert str(script.token).startswith(str(row["prefix"]))
    assert (row["name"], row["scopes"]) == ("my watch", ["ACCOUNT_READ", "ATHLETE_READ"])
    async with db.read(Scope.own(key_of(ada.id))) as session:
        stored = await tokens.find(session, key_of(ada.id), key_of(str(row["id"])))
    token = Token.parse(str(script.token), TokenKind.PERSONAL)
    assert token
    assert stored
    assert token.hash == stored.token_hash
    assert token.text not in str(vars(stored))


async def test_use_is_written_down(ada: Person) -> None:
    script = await make(ada)
    assert (await listed(ada))[0]["lastUsedAt"] is None
    await script.send(NAMED)
    used = datetime.fromisoformat(str((await listed(ada))[0]["lastUsedAt"]))
    assert abs(now() - used) < timedelta(seconds=20)
    with counted() as statements:
        await script.send(NAMED)
    assert len(statements) == 2, statements


async def test_without_another_word_it_ends_in_ninety_days(ada: Person) -> None:
    script = await make(ada)
    for days, answer in ((89.9, None), (90, (401, "SESSION_EXPIRED"))):
        with turned_by(timedelta(days=days)):
            if answer is None:
                assert (await script.send(NAMED)).json()["data"]["viewer"]["id"] == ada.id
            else:
                assert (await refusal(script, NAMED))[1] == answer[1]
    with turned_by(timedelta(days=0.5)):
        assert len(await listed(ada)) == 1


async def test_it_ends_when_it_was_told_to(ada: Person) -> None:
    script = await make(ada, expiresAt=(now() + timedelta(hours=1)).isoformat())
    with turned_by(timedelta(hours=1)):
        assert (await refusal(script, NAMED))[1] == "SESSION_EXPIRED"
        assert await listed(ada) == []


async def test_a_revoked_token_opens_nothing(ada: Person) -> None:
    script, other = await make(ada, name="first"), await make(ada, name="second")
    newest, oldest = await listed(ada)
    assert (newest["name"], oldest["name"]) == ("second", "first")
    assert (await ada.mutate("RevokeAccessToken", id=oldest["id"]))["revokedId"] == oldest["id"]
    assert (await refusal(script, NAMED))[1] == "SESSION_EXPIRED"
    assert (await other.send(NAMED)).json()["data"]["viewer"]["name"] == "Ada"
    assert await ada.codes("RevokeAccessToken", id=oldest["id"]) == [("NOT_FOUND", "id")]


async def test_another_persons_token_is_neither_seen_nor_revoked(ada: Person, bob: Person) -> None:
    script = await make(bob)
    theirs = (await listed(bob))[0]["id"]
    assert await ada.codes("RevokeAccessToken", id=theirs) == [("NOT_FOUND", "id")]
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await ada.send(query, {"id": theirs})).json()["data"]["node"] is None
    assert (await bob.send(query, {"id": theirs})).json()["data"]["node"] == {"id": theirs}
    assert (await script.send(NAMED)).json()["data"]["viewer"]["id"] == bob.id


@pytest.mark.parametrize("junk", ["", "x", "\u0000", "QWNjZXNzVG9rZW4"])
async def test_what_is_no_id_of_a_token_is_not_there(ada: Person, junk: str) -> None:
    assert await ada.codes("RevokeAccessToken", id=junk) == [("NOT_FOUND", "id")]


async def test_every_problem_of_the_form_is_told_at_once(ada: Person) -> None:
    codes = await ada.codes("CreateAccessToken", name=" ", scopes=[], expiresAt=now().isoformat())
    assert codes == [("REQUIRED", "name"), ("REQUIRED", "scopes"), ("OUT_OF_RANGE", "expiresAt")]
    late = (now() + timedelta(days=367)).isoformat()
    codes = await ada.codes("CreateAccessToken", name="n" * 101, scopes=["ACCOUNT_READ"], expiresAt=late)
    assert codes == [("TOO_LONG", "name"), ("OUT_OF_RANGE", "expiresAt")]
    assert await ada.codes("CreateAccessToken", name="a\u0007", scopes=["ACCOUNT_READ"]) == [("INVALID", "name")]
    assert await listed(ada) == []


async def test_a_scope_that_does_not_exist_is_refused_before_anything_runs(ada: Person) -> None:
    response = await ada.send(document("CreateAccessToken"), {"input": {"name": "x", "scopes": ["EVERYTHING"]}})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (200, "BAD_USER_INPUT")


async def test_there_is_an_end_to_how_many_one_can_have(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 3)
    await make(ada)
    form = {"name": "x", "scopes": ["ACCOUNT_READ"]}
    answers = await gather(*(ada.codes("CreateAccessToken", **form) for _ in range(4)))
    assert sorted(answers) == [[], [], [("CONFLICT", "")], [("CONFLICT", "")]]
    await ada.mutate("RevokeAccessToken", id=(await listed(ada))[0]["id"])
    assert await ada.codes("CreateAccessToken", **form) == []


async def test_a_token_reaches_only_what_its_scopes_name(ada: Person) -> None:
    """OAuth scopes never enforced: the fault of a product of this kind."""
    narrow = await make(ada, "ATHLETE_READ")
    assert (await narrow.send(NAMED)).json()["data"]["viewer"]["name"] == "Ada"
    assert await refusal(narrow, PRIVATE) == (403, "NOT_ALLOWED")
    hidden = "query { viewer { ...A } } fragment A on User { ... on User @include(if: false) { mail: email } }"
    assert await refusal(narrow, hidden) == (403, "NOT_ALLOWED")


@pytest.mark.parametrize(
    "query",
    [
        "{ viewer { accessTokens { id } } }",
        "{ viewer { sessions(first: 1) { edges { node { ip } } } } }",
        "{ viewer { secondFactor { enabledAt } } }",
        '{ node(id: "x") { id } }',
        '{ nodes(ids: ["x"]) { id } }',
        "mutation { signOut { errors { code } } }",
        "mutation { startSecondFactor { secret } }",
        "mutation { revokeOtherSessions { revoked } }",
        'mutation { confirmPassword(input: {password: "x"}) { token } }',
        'mutation { createAccessToken(input: {name: "x", scopes: [ACCOUNT_READ]}) { token } }',
        'mutation { revokeAccessToken(input: {id: "x"}) { revokedId } }',
        'mutation { revokeSession(input: {id: "x"}) { revokedId } }',
    ],
)
async def test_sign_in_itself_is_out_of_reach_of_every_token(ada: Person, query: str) -> None:
    script = await make(ada, "ACCOUNT_READ", "ATHLETE_READ", "ATHLETE_WRITE")
    assert await refusal(script, query) == (403, "NOT_ALLOWED")


async def test_making_one_wants_somebody_who_has_just_given_the_password(ada: Person, stranger: Api) -> None:
    form = {"name": "x", "scopes": ["ACCOUNT_READ"]}
    with pytest.raises(Failed) as failed:
        await stranger.mutate("CreateAccessToken", **form)
    assert failed.value.codes == ["UNAUTHENTICATED"]
    with turned_by(timedelta(minutes=16)):
        assert await ada.codes("CreateAccessToken", **form) == [("CONFIRMATION_REQUIRED", "")]


async def test_reading_the_list_costs_three_statements(ada: Person) -> None:
    await make(ada)
    with counted() as statements:
        await ada.run("AccessTokens")
    assert len(statements) == 3, statements


async def test_a_token_is_no_cookie_and_no_session(ada: Person, http: httpx.AsyncClient) -> None:
    script = await make(ada)
    headers = {"cookie": f"cw={str(script.token).replace('cwp_', 'cws_')}", "origin": str(http.base_url).rstrip("/")}
    response = await http.post("/graphql", json={"query": NAMED}, headers=headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
