import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import psutil
import pytest
from redis.asyncio import Redis

from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.errors import RateLimited
from coachwatts.security import throttle as module
from coachwatts.security.throttle import Bucket, Throttle

HOUR = timedelta(hours=1)


@pytest.fixture
def name() -> str:
    return f"test:{uuid4()}"


@pytest.fixture
def throttle(redis: Redis) -> Throttle:
    return Throttle(redis)


@pytest.fixture
async def lone(tmp_path: Path) -> AsyncIterator[tuple[Redis, EmbeddedRedis]]:
    """A Redis that a test may take away."""
    server = EmbeddedRedis(tmp_path / "redis", durable=False)
    server.start()
    client = Redis.from_url(server.url, socket_timeout=5, socket_connect_timeout=2)
    try:
        yield client, server
    finally:
        await client.aclose()
        server.stop()


async def granted(bucket: Bucket, attempts: int, cost: int = 1) -> int:
    answers = await asyncio.gather(*(bucket.take(cost) for _ in range(attempts)), return_exceptions=True)
    assert {type(answer).__name__ for answer in answers} <= {"Balance", "RateLimited"}
    return sum(not isinstance(answer, RateLimited) for answer in answers)


async def test_the_limit_is_counted_exactly_among_concurrent_callers(redis: Redis, name: str) -> None:
    one, other = Throttle(redis).bucket(name, 20, HOUR), Throttle(redis).bucket(name, 20, HOUR)
    assert sum(await asyncio.gather(granted(one, 60), granted(other, 60))) == 20


async def test_a_refusal_says_when_to_come_back_and_spends_nothing(throttle: Throttle, name: str) -> None:
    for _ in range(4):
        await throttle.spend(name, 4, HOUR)
    for _ in range(3):
        with pytest.raises(RateLimited, match="Try again in 15 minutes") as refused:
            await throttle.spend(name, 4, HOUR)
        assert 890 < refused.value.retry_after_s <= 900


async def test_waiting_as_long_as_told_is_enough(throttle: Throttle, name: str) -> None:
    per = timedelta(seconds=1.2)
    for _ in range(4):
        await throttle.spend(name, 4, per)
    with pytest.raises(RateLimited) as refused:
        await throttle.spend(name, 4, per, cost=2)
    await asyncio.sleep(refused.value.retry_after_s + 0.01)
    assert (await throttle.spend(name, 4, per, cost=2)).remaining < 3


async def test_names_do_not_share(throttle: Throttle, name: str) -> None:
    await throttle.spend(name, 1, HOUR)
    await throttle.spend(f"{name}2", 1, HOUR)
    with pytest.raises(RateLimited):
        await throttle.spend(name, 1, HOUR)


async def test_the_balance_goes_down_with_the_cost_and_up_with_a_refund(throttle: Throttle, name: str) -> None:
    bucket = throttle.bucket(name, 1000, HOUR)
    taken = await bucket.take(600)
    assert (taken.limit, taken.remaining) == (1000, 400)
    assert 2155 < taken.full_in_s <= 2160
    with pytest.raises(RateLimited):
        await bucket.take(500)
    assert (await bucket.refund(500)).remaining == 900
    assert (await bucket.take(500)).remaining == 400


async def test_a_refund_never_fills_a_bucket_above_its_limit(throttle: Throttle, name: str) -> None:
    bucket = throttle.bucket(name, 10, HOUR)
    await bucket.take(3)
    assert await bucket.refund(10) == module.Balance(10, 10, 0.0)
    assert await granted(bucket, 15) == 10


async def test_nothing_taken_tells_the_balance(throttle: Throttle, name: str) -> None:
    bucket = throttle.bucket(name, 10, HOUR)
    assert (await bucket.take(0)).remaining == 10


@pytest.mark.parametrize("cost", [-1, 11])
async def test_a_cost_that_could_never_be_paid_is_a_mistake(throttle: Throttle, name: str, cost: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        await throttle.spend(name, 10, HOUR, cost)


@pytest.mark.parametrize(("limit", "per"), [(0, HOUR), (5, timedelta()), (2, timedelta(microseconds=1))])
def test_a_limit_that_is_none_is_a_mistake(throttle: Throttle, name: str, limit: int, per: timedelta) -> None:
    with pytest.raises(ValueError, match="is no limit"):
        throttle.bucket(name, limit, per)


async def test_redis_keeps_neither_names_nor_buckets_that_are_full_again(throttle: Throttle, redis: Redis) -> None:
    name = f"sign_in:anna@example.org:{uuid4()}" + "x" * 100_000
    before = set(await redis.keys("*"))
    await throttle.spend(name, 10, timedelta(seconds=100))
    (key,) = set(await redis.keys("*")) - before
    assert b"anna" not in key
    assert len(key) < 50
    assert 0 < await redis.pttl(key) <= 10_001


async def test_without_redis_the_process_counts_alone_and_exactly(lone: tuple[Redis, EmbeddedRedis], name: str) -> None:
    client, server = lone
    bucket = Throttle(client).bucket(name, 5, HOUR)
    await bucket.take()
    server.stop()
    assert await granted(bucket, 30) == 5
    with pytest.raises(RateLimited) as refused:
        await bucket.take()
    assert 700 < refused.value.retry_after_s <= 720
    await bucket.refund(2)
    assert await granted(bucket, 5) == 2


async def test_a_redis_killed_in_the_middle_breaks_no_request(lone: tuple[Redis, EmbeddedRedis], name: str) -> None:
    client, _ = lone
    bucket = Throttle(client).bucket(name, 50, HOUR)
    process = psutil.Process((await client.info("server"))["process_id"])
    crowd = asyncio.gather(*(granted(bucket, 50) for _ in range(6)))
    await asyncio.sleep(0.005)
    process.kill()
    assert 50 <= sum(await crowd) <= 100
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def test_a_redis_that_hangs_costs_half_a_second_once(lone: tuple[Redis, EmbeddedRedis], name: str) -> None:
    client, _ = lone
    bucket = Throttle(client).bucket(name, 5, HOUR)
    process = psutil.Process((await client.info("server"))["process_id"])
    process.suspend()
    try:
        begun = perf_counter()
        for _ in range(3):
            await bucket.take()
        assert 0.4 < perf_counter() - begun < 1.5
    finally:
        process.resume()


async def test_redis_counts_again_once_it_is_back(lone: tuple[Redis, EmbeddedRedis], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAVE_ALONE_S", 0.05)
    client, server = lone
    throttle = Throttle(client)
    await throttle.spend(name, 5, HOUR)
    server.stop()
    await throttle.spend(name, 5, HOUR)
    server.start()
    await asyncio.sleep(0.06)
    await throttle.spend(name, 5, HOUR)
    assert len(await client.keys("throttle:*")) == 1
