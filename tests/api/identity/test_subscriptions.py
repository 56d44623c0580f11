"""One person on two devices: what changes on the first arrives on the second."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from coachwatts.app import create_app
from coachwatts.config import Settings
from tests.api.transport.conftest import listening
from tests.kit.api import Api, Person, document


@pytest.fixture
async def wire(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app), listening(app) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client


async def follow(wire: httpx.AsyncClient, token: str | None) -> AsyncGenerator[dict[str, Any], None]:
    headers = {"accept": "text/event-stream"} | ({"authorization": f"Bearer {token}"} if token else {})
    async with wire.stream("POST", "/graphql", json={"query": document("ViewerChanges")}, headers=headers, timeout=20) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                event: dict[str, Any] = orjson.loads(line.removeprefix("data: "))
                yield event


async def test_the_first_event_is_the_state_of_now_and_a_change_elsewhere_follows(wire: httpx.AsyncClient, ada: Person) -> None:
    async with aclosing(follow(wire, ada.token)) as events:
        assert (await anext(events))["data"]["viewer"]["name"] == "Ada"
        await ada.mutate("UpdateAccount", name="Ada Lovelace")
        async with asyncio.timeout(3):  # rung, not polled
            assert (await anext(events))["data"]["viewer"]["name"] == "Ada Lovelace"


async def test_what_others_do_is_not_heard(wire: httpx.AsyncClient, ada: Person, bob: Person) -> None:
    async with aclosing(follow(wire, ada.token)) as events:
        await anext(events)
        await bob.mutate("UpdateAccount", name="Robert")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(events)


async def test_a_change_is_found_although_its_message_was_lost(wire: httpx.AsyncClient, ada: Person, redis: Redis) -> None:
    async with aclosing(follow(wire, ada.token)) as events:
        await anext(events)
        await redis.client_kill_filter(_type="pubsub")
        await ada.mutate("UpdateAccount", name="Augusta")
        async with asyncio.timeout(8):  # one poll at most
            assert (await anext(events))["data"]["viewer"]["name"] == "Augusta"


async def test_nobody_follows_nobody(wire: httpx.AsyncClient, stranger: Api) -> None:
    answers = [event async for event in follow(wire, stranger.token)]
    assert [error["extensions"]["code"] for answer in answers for error in answer["errors"]] == ["UNAUTHENTICATED"]
