"""GraphQL over WebSocket, spoken by a client of its own kind over a real connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from coachwatts.api.transport.websocket import SocketRules
from tests.api.transport.conftest import listening
from tests.api.transport.scratch import Server, development

PROTOCOL = Subprotocol("graphql-transport-ws")
Open = Callable[..., AbstractAsyncContextManager[ClientConnection]]
RULES = SocketRules(init_timeout_s=0.3, recheck_s=0.1, max_operations=3)


@pytest.fixture
async def address(server: Server) -> AsyncIterator[str]:
    async with listening(server.app(development(sockets=RULES, other_origins=frozenset({"https://app.example"})))) as address:
        yield address


@pytest.fixture
def bare(address: str) -> Open:
    def connected(protocol: str = PROTOCOL, **options: Any) -> AbstractAsyncContextManager[ClientConnection]:
        return connect(f"ws://{address}/graphql", subprotocols=[Subprotocol(protocol)], **options)

    return connected


@pytest.fixture
def ready(bare: Open) -> Open:
    @asynccontextmanager
    async def connected(payload: Any = None, **options: Any) -> AsyncIterator[ClientConnection]:
        async with bare(**options) as socket:
            await send(socket, type="connection_init", **({"payload": payload} if payload is not None else {}))
            assert await receive(socket) == {"type": "connection_ack"}
            yield socket

    return connected


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(orjson.dumps(message).decode())


async def receive(socket: ClientConnection) -> Any:
    async with asyncio.timeout(3):
        return orjson.loads(await socket.recv())


async def subscribe(socket: ClientConnection, query: str, name: str = "1", **more: Any) -> None:
    await send(socket, type="subscribe", id=name, payload={"query": query, **more})


async def close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(3):
            while True:
                await socket.recv()
    return closed.value.rcvd.code if closed.value.rcvd else None


async def test_a_subscription_runs_to_its_end(ready: Open) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { ticks(count: 2) }")
        first, second, last = [await receive(socket) for _ in range(3)]
    assert (first["type"], first["id"], first["payload"]["data"]) == ("next", "1", {"ticks": 0})
    assert second["payload"] == {"data": {"ticks": 1}}
    assert last == {"type": "complete", "id": "1"}


async def test_queries_and_mutations_run_too_but_set_no_cookie(ready: Open) -> None:
    async with ready() as socket:
        await subscribe(socket, "query ($f: Int!) { scale(factor: $f) }", variables={"f": 4})
        assert (await receive(socket))["payload"]["data"] == {"scale": 4}
        assert (await receive(socket))["type"] == "complete"
        await subscribe(socket, "mutation { signIn }")
        assert (await receive(socket))["payload"]["data"] == {"signIn": "no cookie here"}


async def test_operations_run_side_by_side(ready: Open) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { ticks(count: 2, pause: 30) }", "slow")
        assert (await receive(socket))["id"] == "slow"
        await subscribe(socket, "{ hello }", "quick")
        assert (await receive(socket))["id"] == "quick"


async def test_complete_ends_a_subscription_and_frees_its_id(ready: Open, server: Server) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { ticks(count: 2, pause: 30) }")
        await receive(socket)
        await send(socket, type="complete", id="1")
        await subscribe(socket, "{ hello }")
        assert (await receive(socket))["payload"]["data"] == {"hello": "world"}
        assert server.open_subscriptions == 0


async def test_leaving_ends_everything(ready: Open, server: Server) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { ticks(count: 2, pause: 30) }")
        await receive(socket)
        assert server.open_subscriptions == 1
    async with asyncio.timeout(3):
        await server.idle.wait()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($f: Int!) { scale(factor: $f) }"}, "BAD_USER_INPUT"),
        ({"query": "{ items { nodes { id } } }"}, "BAD_USER_INPUT"),
        ({"documentId": "nope"}, "PERSISTED_QUERY_NOT_FOUND"),
        ({}, "BAD_REQUEST"),
        (7, "BAD_REQUEST"),
    ],
)
async def test_an_operation_that_cannot_start_answers_error(ready: Open, payload: Any, code: str) -> None:
    async with ready() as socket:
        await send(socket, type="subscribe", id="1", payload=payload)
        message = await receive(socket)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", code)
        await subscribe(socket, "{ hello }")  # the socket and the id live on
        assert (await receive(socket))["type"] == "next"


async def test_an_empty_bucket_answers_error(ready: Open, server: Server) -> None:
    server.purse.size = 0
    async with ready() as socket:
        await subscribe(socket, "{ hello }")
        assert (await receive(socket))["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_a_crash_is_masked(ready: Open) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { falls }")
        await receive(socket)
        error, last = await receive(socket), await receive(socket)
    assert error["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert last["type"] == "complete"


async def test_only_so_many_operations_at_a_time(ready: Open) -> None:
    async with ready() as socket:
        for name in "abcd":
            await subscribe(socket, "subscription { ticks(count: 1, pause: 30) }", name)
        messages = [await receive(socket) for _ in range(4)]
    (refused,) = [message for message in messages if message["type"] == "error"]
    assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("d", "TOO_MANY_SUBSCRIPTIONS")


async def test_the_credential_comes_with_the_connection(ready: Open) -> None:
    async with ready({"authorization": "ada"}) as socket:
        await subscribe(socket, "{ private }")
        assert (await receive(socket))["payload"]["data"] == {"private": "ada"}


async def test_a_wrong_credential_is_refused(bare: Open, server: Server) -> None:
    server.revoked.add("ada")
    async with bare() as socket:
        await send(socket, type="connection_init", payload={"authorization": "ada"})
        assert await close_code(socket) == 4403


async def test_a_crash_before_the_first_operation_is_logged_and_tells_nothing(bare: Open) -> None:
    with capture_logs() as logged:
        async with bare() as socket:
            await send(socket, type="connection_init", payload={"authorization": "crash"})
            assert await close_code(socket) == 1011
    assert [entry["event"] for entry in logged] == ["operation_failed"]


async def test_a_revoked_session_ends_its_socket(ready: Open, server: Server) -> None:
    async with ready({"authorization": "ada"}) as socket:
        await subscribe(socket, "subscription { ticks(count: 2, pause: 30) }")
        await receive(socket)
        server.revoked.add("ada")
        assert await close_code(socket) == 4403
    assert server.open_subscriptions == 0


async def test_ping_is_answered(ready: Open) -> None:
    async with ready() as socket:
        await send(socket, type="ping")
        assert await receive(socket) == {"type": "pong"}
        await send(socket, type="pong")
        await subscribe(socket, "{ hello }")
        assert (await receive(socket))["type"] == "next"


async def test_a_socket_that_says_nothing_is_closed(bare: Open) -> None:
    async with bare() as socket:
        assert await close_code(socket) == 4408


async def test_the_first_message_must_be_connection_init(bare: Open) -> None:
    async with bare() as socket:
        await subscribe(socket, "{ hello }")
        assert await close_code(socket) == 4401


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('{"type":"connection_init"}', 4429),
        ('{"type":"dance"}', 4400),
        ('{"type":7}', 4400),
        ("[]", 4400),
        ("{", 4400),
        ('{"type":"subscribe","payload":{"query":"{ hello }"}}', 4400),
        ('{"type":"ping","payload":"' + "x" * 70_000 + '"}', 1009),
        (b"\x00", 4400),
    ],
)
async def test_breaking_the_protocol_closes_the_socket(ready: Open, message: str | bytes, code: int) -> None:
    async with ready() as socket:
        await socket.send(message)
        assert await close_code(socket) == code


async def test_two_operations_cannot_share_an_id(ready: Open) -> None:
    async with ready() as socket:
        await subscribe(socket, "subscription { ticks(count: 1, pause: 30) }")
        await subscribe(socket, "{ hello }")
        assert await close_code(socket) == 4409


async def test_an_init_payload_must_be_an_object(bare: Open) -> None:
    async with bare() as socket:
        await send(socket, type="connection_init", payload=[1])
        assert await close_code(socket) == 4400


@pytest.mark.parametrize("protocol", ["graphql-ws", "chat"])
async def test_the_legacy_protocol_is_not_spoken(bare: Open, protocol: str) -> None:
    async with bare(protocol) as socket:
        assert await close_code(socket) == 4406


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_page_elsewhere_cannot_connect(bare: Open, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with bare(origin=Origin(origin)):
            pass
    assert refused.value.response.status_code == 403


async def test_a_cookie_counts_only_with_an_origin_we_know(bare: Open, ready: Open, address: str) -> None:
    cookie = {"additional_headers": {"cookie": "cw=ada"}}
    with pytest.raises(InvalidStatus):
        async with bare(**cookie):
            pass
    for origin in ("https://app.example", f"http://{address}"):
        async with ready(origin=Origin(origin), **cookie) as socket:
            await subscribe(socket, "{ private }")
            assert (await receive(socket))["payload"]["data"] == {"private": "ada"}
