"""Followers of a topic, against a real Redis that may go away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from redis.asyncio import Redis

from coachwatts.api import pubsub
from coachwatts.api.pubsub import News
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.news import ring


class Record:
    """Stands for a row: read by followers, changed by the test."""

    def __init__(self) -> None:
        self.state = 0
        self.reads = 0

    async def read(self) -> int:
        self.reads += 1
        return self.state


@pytest.fixture
async def news(redis: Redis) -> AsyncIterator[News]:
    news = News(redis)
    yield news
    await news.close()


async def soon(states: AsyncIterator[int]) -> int:
    async with asyncio.timeout(3):
        return await anext(states)


async def listened_to(redis: Redis, topic: str, connections: int = 1) -> None:
    async with asyncio.timeout(3):
        while await redis.pubsub_numsub(f"news:{topic}") != [(f"news:{topic}".encode(), connections)]:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


async def test_the_current_state_comes_first(news: News) -> None:
    record = Record()
    record.state = 7
    async with aclosing(news.follow("first", record.read)) as states:
        assert await soon(states) == 7


async def test_a_ring_brings_the_next_state(news: News, redis: Redis) -> None:
    record = Record()
    async with aclosing(news.follow("ring", record.read, poll_s=60)) as states:
        await soon(states)
        record.state = 1
        await ring(redis, "ring")
        assert await soon(states) == 1


async def test_a_change_while_nobody_listened_yet_is_not_missed(news: News) -> None:
    """Between the first read and the moment the subscription stands."""
    record = Record()
    async with aclosing(news.follow("gap", record.read, poll_s=60)) as states:
        await soon(states)
        record.state = 1  # nobody rings
        assert await soon(states) == 1


async def test_a_lost_message_costs_one_poll(news: News, redis: Redis) -> None:
    record = Record()
    async with aclosing(news.follow("lost", record.read, poll_s=0.2)) as states:
        await soon(states)
        await listened_to(redis, "lost")
        await asyncio.sleep(0.1)
        record.state = 1
        assert await soon(states) == 1


async def test_a_state_that_did_not_change_is_not_sent_again(news: News, redis: Redis) -> None:
    record = Record()
    async with aclosing(news.follow("same", record.read, poll_s=0.05)) as states:
        await soon(states)
        waiting = asyncio.ensure_future(anext(states))
        await ring(redis, "same")
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        assert record.reads >= 3
        record.state = 5
        assert await waiting == 5


async def test_many_rings_cost_few_reads(news: News, redis: Redis) -> None:
    record = Record()
    async with aclosing(news.follow("many", record.read, poll_s=60)) as states:
        await soon(states)
        await listened_to(redis, "many")
        for state in range(1, 201):
            record.state = state
            await ring(redis, "many")
        last = 0
        while last != 200:
            last = await soon(states)
    assert record.reads < 150


async def test_all_followers_share_one_connection(news: News, redis: Redis) -> None:
    records = [Record() for _ in range(50)]
    followed = [news.follow(f"topic-{number % 10}", record.read, poll_s=60) for number, record in enumerate(records)]
    for states in followed:
        await soon(states)
    for number in range(10):
        await listened_to(redis, f"topic-{number}")
    listeners = [client for client in await redis.client_list() if int(client["sub"]) > 0]
    assert [int(client["sub"]) for client in listeners] == [10]
    for record in records:
        record.state = 1
    for number in range(10):
        await ring(redis, f"topic-{number}")
    assert [await soon(states) for states in followed] == [1] * 50
    for states in followed:
        await states.aclose()


async def test_the_last_follower_to_leave_ends_the_subscription(news: News, redis: Redis) -> None:
    one, two = (news.follow("leave", Record().read, poll_s=60) for _ in range(2))
    await soon(one)
    await soon(two)
    await listened_to(redis, "leave")
    await one.aclose()
    await asyncio.sleep(2 * pubsub.PATIENCE_S)
    assert await redis.pubsub_numsub("news:leave") == [(b"news:leave", 1)]
    await two.aclose()
    await listened_to(redis, "leave", 0)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis", durable=False)
    server.start()
    yield server
    server.stop()


async def test_followers_survive_a_restart_of_redis(own_redis: EmbeddedRedis) -> None:
    client, record = Redis.from_url(own_redis.url, socket_timeout=5), Record()
    news = News(client)
    async with aclosing(news.follow("restart", record.read, poll_s=60)) as states:
        await soon(states)
        await listened_to(client, "restart")
        await asyncio.to_thread(own_redis.stop)
        record.state = 1
        await ring(client, "restart")  # reaches nobody, and says so only in the log
        await asyncio.to_thread(own_redis.start)
        async with asyncio.timeout(10):
            assert await anext(states) == 1  # the subscription that stands again counts as news
        record.state = 2
        await listened_to(client, "restart")
        await ring(client, "restart")
        assert await soon(states) == 2
    await news.close()
    await client.aclose()
