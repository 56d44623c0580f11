"""Subscriptions as event streams, over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from coachwatts.api.transport import sse
from coachwatts.api.transport.negotiation import STREAM
from tests.api.transport.conftest import listening
from tests.api.transport.scratch import Server, development, production

URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with listening(server.app(development())) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:
        yield http


@asynccontextmanager
async def subscribed(http: httpx.AsyncClient, query: str, accept: str = STREAM, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    async with http.stream("POST", "/graphql", json={"query": query}, headers={"accept": accept, **headers}, timeout=10) as response:
        assert response.headers["content-type"].startswith(STREAM)
        yield response.aiter_lines()


async def frames(lines: AsyncIterator[str]) -> list[Any]:
    """Each event's data; `complete` for the last one."""
    found: list[Any] = []
    async for line in lines:
        if line == "event: complete":
            found.append("complete")
        elif line.startswith("data: "):
            found.append(orjson.loads(line.removeprefix("data: ")))
    return found


@pytest.mark.parametrize("accept", [STREAM, URQL, "*/*"])
async def test_events_come_and_then_complete(http: httpx.AsyncClient, accept: str) -> None:
    async with subscribed(http, "subscription { ticks(count: 2) }", accept) as lines:
        first, second, last = await frames(lines)
    assert first["data"] == {"ticks": 0}
    assert first["extensions"]["cost"]["requested"] == 1
    assert second == {"data": {"ticks": 1}}
    assert last == "complete"


async def test_an_event_arrives_when_it_happens(http: httpx.AsyncClient) -> None:
    async with subscribed(http, "subscription { ticks(count: 2, pause: 30) }") as lines:
        async with asyncio.timeout(3):  # the second one comes half a minute later
            event = await anext(line async for line in lines if line.startswith("data: {"))
    assert orjson.loads(event.removeprefix("data: "))["data"] == {"ticks": 0}


async def test_each_event_has_a_context_of_its_own(http: httpx.AsyncClient) -> None:
    async with subscribed(http, "subscription { contexts { number renewals } }") as lines:
        events = await frames(lines)
    assert [event["data"]["contexts"]["renewals"] for event in events[:-1]] == [1, 2]


async def test_urql_gets_json_for_a_query_while_streams_are_on(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{ hello }"}, headers={"accept": URQL})
    assert response.json()["data"] == {"hello": "world"}


async def test_a_query_may_be_asked_for_as_a_stream(http: httpx.AsyncClient) -> None:
    async with subscribed(http, "{ hello }") as lines:
        event, last = await frames(lines)
    assert (event["data"], last) == ({"hello": "world"}, "complete")


async def test_a_subscription_needs_a_client_that_takes_streams(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "subscription { ticks }"}, headers={"accept": "application/json"})
    assert response.status_code == 406


async def test_a_crash_in_the_middle_is_masked_and_ends_the_stream(http: httpx.AsyncClient) -> None:
    async with subscribed(http, "subscription { falls }") as lines:
        event, error, last = await frames(lines)
    assert (event["data"], last) == ({"falls": 1}, "complete")
    assert error["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in str(error)


async def test_a_refusal_at_the_first_event_has_its_code(http: httpx.AsyncClient) -> None:
    async with subscribed(http, "subscription { closed }") as lines:
        error, last = await frames(lines)
    assert (error["errors"][0]["extensions"]["code"], last) == ("NOT_ALLOWED", "complete")


async def test_a_silent_stream_is_kept_alive(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.05)
    async with subscribed(http, "subscription { ticks(count: 2, pause: 0.4) }") as lines:
        seen = [line async for line in lines]
    assert seen.count(":") >= 4


async def test_a_revoked_session_ends_its_stream(http: httpx.AsyncClient, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(sse, "RECHECK_S", 0.1)
    async with subscribed(http, "subscription { ticks(count: 2, pause: 30) }", authorization="ada") as lines:
        server.revoked.add("ada")
        async with asyncio.timeout(3):
            *_, error, last = await frames(lines)
    assert (error["errors"][0]["extensions"]["code"], last) == ("SESSION_EXPIRED", "complete")


async def test_leaving_ends_the_subscription(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.05)
    async with listening(server.app(production())) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:
        async with subscribed(http, "subscription { ticks(count: 2, pause: 60) }") as lines:
            await anext(lines)
            assert server.open_subscriptions == 1
        async with asyncio.timeout(3):
            await server.idle.wait()
