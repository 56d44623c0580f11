"""Cookie, bearer token, socket and event stream, against the whole application on a real port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from coachwatts import clock
from coachwatts.api.credentials import ContextFactory
from coachwatts.api.pubsub import News
from coachwatts.api.purse import ThrottledPurse
from coachwatts.api.schema import schema
from coachwatts.api.transport import sse
from coachwatts.api.transport.websocket import SocketRules
from coachwatts.api.view import GraphQLApp, Policy
from coachwatts.app import create_app
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.errors import Unauthenticated
from coachwatts.identity.recognition import recognise
from coachwatts.runtime import open_runtime
from tests.api.transport.conftest import listening
from tests.kit.api import PASSWORD, Api, Person, document
from tests.kit.authenticator import enrol
from tests.kit.browser import browser
from tests.kit.statements import counted

PROTOCOL = Subprotocol("graphql-transport-ws")
FOREIGN = "https://evil.example"
FORBIDDEN = (403, "FORBIDDEN_ORIGIN")


@pytest.fixture(scope="module")
async def address(settings: Settings) -> AsyncIterator[str]:
    app = create_app(settings)
    async with app.router.lifespan_context(app), listening(app) as found:
        yield found


@pytest.fixture
async def wire(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client


@asynccontextmanager
async def socket(address: str, params: object = None, **options: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], **options) as opened:
        await opened.send(orjson.dumps({"type": "connection_init", "payload": params}).decode())
        yield opened


async def heard(opened: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        message: dict[str, Any] = orjson.loads(await opened.recv())
    return message


async def run(opened: ClientConnection, name: str, **variables: object) -> dict[str, Any]:
    await opened.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": document(name), "variables": variables}}).decode())
    answer = await heard(opened)
    assert (await heard(opened))["type"] == "complete"
    payload: dict[str, Any] = answer["payload"]
    return payload


async def close_code(opened: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(5):
            while True:
                await opened.recv()
    return closed.value.rcvd.code if closed.value.rcvd else None


def cookie_in(response: httpx.Response) -> "Morsel[str]":
    [found] = SimpleCookie(response.headers["set-cookie"]).values()
    return found


async def sign_in(http: httpx.AsyncClient, person: Person, **more: object) -> httpx.Response:
    form = {"email": person.email, "password": PASSWORD, **more}
    return await http.post("/graphql", json={"query": document("SignIn"), "variables": {"input": form}})


async def test_on_plain_http_the_cookie_is_out_of_reach_of_scripts_and_other_sites(wire: httpx.AsyncClient, ada: Person) -> None:
    cookie = cookie_in(await sign_in(wire, ada))
    assert (cookie.key, cookie["path"], cookie["httponly"], cookie["samesite"]) == ("cw", "/", True, "lax")
    assert (cookie["secure"], cookie["domain"], cookie["expires"], cookie["max-age"]) == ("", "", "", "")


async def test_on_https_it_is_pinned_to_the_host_as_well(ada: Person, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"public_url": "https://watts.example"}))
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://watts.example") as secure:
        cookie = cookie_in(await sign_in(secure, ada))
        plain = await secure.post("/graphql", json={"query": document("Viewer")}, headers={"cookie": f"cw={ada.token}", "origin": FOREIGN})
    assert (cookie.key, cookie["path"], cookie["secure"], cookie["httponly"], cookie["domain"]) == ("__Host-cw", "/", True, True, "")
    assert plain.status_code == 403


async def test_a_remembered_cookie_stays_as_long_as_its_session(wire: httpx.AsyncClient, ada: Person) -> None:
    response = await sign_in(wire, ada, rememberMe=True)
    until = parsedate_to_datetime(cookie_in(response)["expires"])
    assert abs((until - clock.now()).days - 30) <= 1
    assert orjson.loads(response.content)["data"]["signIn"]["token"] is None


async def test_signing_out_takes_the_cookie_away(wire: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(wire, ada)
    before = wire.cookies["cw"]
    response = await wire.post("/graphql", json={"query": document("SignOut")}, headers={"origin": str(wire.base_url)})
    assert (response.json()["data"]["signOut"]["errors"], cookie_in(response)["max-age"]) == ([], "0")
    assert "cw" not in wire.cookies
    stale = await wire.post(
        "/graphql", json={"query": document("Viewer")}, headers={"cookie": f"cw={before}", "origin": str(wire.base_url)}
    )
    assert stale.json()["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


async def test_a_bearer_session_sets_no_cookie(wire: httpx.AsyncClient, ada: Person) -> None:
    response = await sign_in(wire, ada, transport="BEARER")
    assert "set-cookie" not in response.headers
    assert (await Api(wire, response.json()["data"]["signIn"]["token"]).run("Viewer"))["viewer"]["id"] == ada.id


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": FOREIGN}, FORBIDDEN),
        ({"origin": "null"}, FORBIDDEN),
        ({"origin": "HERE", "content-type": "text/plain"}, FORBIDDEN),
        ({"origin": "HERE", "content-type": "application/x-www-form-urlencoded"}, FORBIDDEN),
        ({"origin": "HERE", "content-type": "text/plain", "x-requested-with": "form"}, (415, "UNSUPPORTED_MEDIA_TYPE")),
        ({"sec-fetch-site": "cross-site"}, FORBIDDEN),
        ({"sec-fetch-site": "same-site"}, FORBIDDEN),
        ({"sec-fetch-site": "cross-site", "origin": FOREIGN}, FORBIDDEN),
        ({}, FORBIDDEN),
        ({"origin": "HERE"}, (200, None)),
        ({"sec-fetch-site": "same-origin"}, (200, None)),
    ],
)
async def test_a_cookie_counts_only_on_a_request_that_no_other_site_could_have_made(
    wire: httpx.AsyncClient, ada: Person, headers: dict[str, str], expected: tuple[int, str | None]
) -> None:
    await sign_in(wire, ada)
    here = str(wire.base_url).rstrip("/")
    sent = {"content-type": "application/json"} | {name: here if value == "HERE" else value for name, value in headers.items()}
    response = await wire.post("/graphql", content=orjson.dumps({"query": document("SignOut")}), headers=sent)
    code = response.json()["errors"][0]["extensions"]["code"] if response.status_code != 200 else None
    assert (response.status_code, code) == expected
    viewer = (await wire.post("/graphql", json={"query": document("Viewer")}, headers={"origin": here})).json()["data"]["viewer"]
    assert (viewer is None) is (response.status_code == 200)  # refused means: nothing happened


@pytest.mark.parametrize(("headers", "status"), [({}, 403), ({"x-requested-with": "page"}, 405)])
async def test_by_get_nothing_is_changed(wire: httpx.AsyncClient, ada: Person, headers: dict[str, str], status: int) -> None:
    await sign_in(wire, ada)
    headers = {"sec-fetch-site": "same-origin", **headers}
    assert (await wire.get("/graphql", params={"query": document("SignOut")}, headers=headers)).status_code == status


async def test_a_socket_reads_its_credential_from_the_connection_parameters(address: str, ada: Person) -> None:
    async with socket(address, {"authorization": f"Bearer {ada.token}"}) as opened:
        assert (await heard(opened))["type"] == "connection_ack"
        assert (await run(opened, "Viewer"))["data"]["viewer"]["id"] == ada.id


async def test_a_socket_takes_the_cookie_from_an_allowed_page_only(address: str, wire: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(wire, ada)
    cookie = {"cookie": f"cw={wire.cookies['cw']}"}
    async with socket(address, additional_headers=cookie, origin=f"http://{address}") as opened:
        assert (await heard(opened))["type"] == "connection_ack"
        assert (await run(opened, "Viewer"))["data"]["viewer"]["id"] == ada.id
    for origin in (FOREIGN, None):
        with pytest.raises(InvalidStatus) as refused:
            async with socket(address, additional_headers=cookie, origin=origin):
                pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("given", ["Bearer nonsense", "", 5, None, ["x"], {"a": 1}, True])
async def test_a_socket_with_a_credential_that_does_not_open_is_closed(address: str, given: object) -> None:
    """None is no credential: signed out, but connected."""
    async with socket(address, {"authorization": given}) as opened:
        if given is None:
            assert (await heard(opened))["type"] == "connection_ack"
        else:
            assert await close_code(opened) == 4403


async def test_what_was_said_on_purpose_is_not_replaced_by_the_cookie(address: str, wire: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(wire, ada)
    cookie = {"cookie": f"cw={wire.cookies['cw']}"}
    async with socket(address, {"authorization": 5}, additional_headers=cookie, origin=f"http://{address}") as opened:
        assert await close_code(opened) == 4403


async def test_over_a_socket_no_cookie_is_set_and_nothing_begins(address: str, ada: Person) -> None:
    form = {"email": ada.email, "password": PASSWORD}
    async with socket(address) as opened:
        await heard(opened)
        [error] = (await run(opened, "SignIn", input=form))["data"]["signIn"]["errors"]
        assert error["code"] == "NOT_ALLOWED"
        assert len((await ada.run("Sessions", first=9))["viewer"]["sessions"]["edges"]) == 1
        assert (await run(opened, "SignIn", input=form | {"transport": "BEARER"}))["data"]["signIn"]["token"]


async def test_over_a_socket_a_cookie_is_not_renewed(address: str, wire: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(wire, ada)
    cookie = {"cookie": f"cw={wire.cookies['cw']}"}
    async with socket(address, additional_headers=cookie, origin=f"http://{address}") as opened:
        await heard(opened)
        [error] = (await run(opened, "ConfirmPassword", input={"password": PASSWORD}))["data"]["confirmPassword"]["errors"]
        assert error["code"] == "NOT_ALLOWED"
        assert (await run(opened, "Viewer"))["data"]["viewer"]["id"] == ada.id


async def test_a_socket_half_way_through_sign_in_is_closed(address: str, ada: Person) -> None:
    await enrol(ada)
    token = (await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER"))["token"]
    async with socket(address, {"authorization": f"Bearer {token}"}) as opened:
        assert await close_code(opened) == 4403


async def test_a_session_that_ends_starts_nothing_more_on_its_socket(address: str, ada: Person) -> None:
    async with socket(address, {"authorization": f"Bearer {ada.token}"}) as opened:
        await heard(opened)
        await ada.mutate("SignOut")
        answer = await run(opened, "Viewer")
    assert answer["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


@pytest.mark.parametrize("kind", ["session", "token"])
async def test_and_the_socket_closes_when_it_is_looked_at_again(settings: Settings, ada: Person, kind: str) -> None:
    form = {"name": "x", "scopes": ["ACCOUNT_READ"]}
    made = await ada.mutate("CreateAccessToken", **form)
    credential = ada.token if kind == "session" else made["token"]
    async with open_runtime(settings) as runtime:
        contexts = ContextFactory(runtime, News(runtime.redis))
        policy = replace(Policy.of(settings), sockets=SocketRules(recheck_s=0.1))
        purse = ThrottledPurse(runtime.throttle)
        graphql = GraphQLApp(schema, policy=policy, get_context=contexts, is_current=contexts.is_current, purse=purse)
        async with (
            listening(Starlette(routes=graphql.routes())) as found,
            socket(found, {"authorization": f"Bearer {credential}"}) as opened,
        ):
            await heard(opened)
            await asyncio.sleep(0.25)
            assert (await run(opened, "Viewer"))["data"]["viewer"]["id"] == ada.id
            await (ada.mutate("SignOut") if kind == "session" else ada.mutate("RevokeAccessToken", id=made["accessToken"]["id"]))
            assert await close_code(opened) == 4403


async def test_an_event_stream_is_a_post_with_the_header(wire: httpx.AsyncClient, ada: Person) -> None:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {ada.token}"}
    response = await wire.post("/graphql", json={"query": document("Viewer")}, headers=headers)
    [line] = [line for line in response.text.splitlines() if line.startswith("data: {")]
    assert orjson.loads(line.removeprefix("data: "))["data"]["viewer"]["id"] == ada.id
    assert response.headers["content-type"].startswith("text/event-stream")


async def test_an_event_stream_with_a_cookie_needs_an_allowed_page(wire: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(wire, ada)
    for origin, status in ((FOREIGN, 403), (str(wire.base_url), 200)):
        headers = {"accept": "text/event-stream", "origin": origin}
        assert (await wire.post("/graphql", json={"query": document("Viewer")}, headers=headers)).status_code == status


async def test_an_open_event_stream_ends_with_its_session(wire: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.1)
    monkeypatch.setattr(sse, "RECHECK_S", 0.1)
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {ada.token}"}
    events = []
    async with (
        asyncio.timeout(20),
        wire.stream("POST", "/graphql", json={"query": document("ViewerChanges")}, headers=headers, timeout=20) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                events.append(orjson.loads(line.removeprefix("data: ")))
                if len(events) == 1:
                    await ada.mutate("SignOut")
    assert events[0]["data"]["viewer"]["id"] == ada.id
    assert events[-1]["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


async def test_the_header_wins_over_the_cookie(ada: Person, bob: Person) -> None:
    async with browser(ada.http) as tab:
        await tab.mutate("SignIn", email=ada.email, password=PASSWORD)
        assert (await tab.run("Viewer"))["viewer"]["id"] == ada.id
        tab.token = bob.token
        assert (await tab.run("Viewer"))["viewer"]["id"] == bob.id


@examples(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.text(max_size=300) | st.from_regex(r"cw[sp]_[0-9A-Za-z]{49}", fullmatch=True))
async def test_any_text_as_credential_is_refused_without_asking_the_database(db: Database, junk: str) -> None:
    with counted() as statements, pytest.raises(Unauthenticated):
        await recognise(db, junk)
    assert statements == []


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=2_000).filter(lambda value: not set(value) & set(b"\r\n\0")))
async def test_any_bytes_in_the_header_are_answered(http: httpx.AsyncClient, junk: bytes) -> None:
    for name in (b"authorization", b"cookie"):
        value = junk if name == b"authorization" else b"cw=" + junk
        headers = [(name, value), (b"content-type", b"application/json"), (b"sec-fetch-site", b"same-origin")]
        response = await http.post("/graphql", content=orjson.dumps({"query": document("Viewer")}), headers=headers)
        assert response.status_code in {200, 401}
        body = response.json()
        assert body.get("data") == {"viewer": None} or body["errors"][0]["extensions"]["code"] in {"UNAUTHENTICATED", "SESSION_EXPIRED"}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=JUNK | st.fixed_dictionaries({"authorization": JUNK}))
async def test_any_connection_parameters_are_answered(address: str, params: object) -> None:
    async with socket(address, params) as opened:
        try:
            answer = (await heard(opened))["type"]
        except ConnectionClosed as closed:
            answer = closed.rcvd.code if closed.rcvd else None
    assert answer in {"connection_ack", 4400, 4403}
