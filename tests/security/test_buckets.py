import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from coachwatts.security import buckets
from coachwatts.security.buckets import TAKE, LocalBuckets, Measure

HOUR = 3_600_000_000


@given(limit=st.integers(1, 500), costs=st.lists(st.integers(1, 60), max_size=60))
def test_no_more_is_granted_than_the_bucket_holds(limit: int, costs: list[int]) -> None:
    local, measure = LocalBuckets(), Measure.of(limit, timedelta(hours=1))
    held = limit
    for cost in costs:
        granted, _ = local.take("x", measure.window, cost * measure.piece)
        assert granted == (cost <= held)
        held -= cost * granted


@given(limit=st.integers(1, 10**6), per=st.timedeltas(timedelta(seconds=1), timedelta(days=30)))
def test_a_window_is_whole_pieces_and_hardly_shorter_than_asked(limit: int, per: timedelta) -> None:
    measure = Measure.of(limit, per)
    assert measure.window % measure.piece == 0
    assert 0 <= per / timedelta(microseconds=1) - measure.window < limit


@given(prices=st.lists(st.integers(-HOUR // 2, HOUR // 2), min_size=1, max_size=8))
async def test_redis_and_the_process_do_the_same_sums(redis: Redis, prices: list[int]) -> None:
    name, local, script = f"test:{uuid4()}", LocalBuckets(), redis.register_script(TAKE)
    for price in prices:
        here = local.take(name, HOUR, price)
        granted, microseconds = await script(keys=[name], args=[HOUR, price])
        assert here[0] == bool(granted)
        assert here[1] == pytest.approx(microseconds, abs=2_000_000)
    await redis.delete(name)


async def test_a_bucket_refills_evenly() -> None:
    local = LocalBuckets()
    assert local.take("x", 100_000, 100_000) == (True, 100_000)
    await asyncio.sleep(0.06)
    granted, missing = local.take("x", 100_000, 50_000)
    assert granted
    assert 50_000 <= missing <= 90_000


def test_memory_is_bounded_and_keeps_the_busy_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "MOST_BUCKETS", 100)
    local = LocalBuckets()
    local.take("busy", HOUR, HOUR)
    for number in range(1000):
        assert local.take(f"once {number}", HOUR, HOUR // 10)[0]
        assert not local.take("busy", HOUR, HOUR // 10)[0]
    assert len(local._full_at) == 100
