"""Redis is the bell and no more."""

import asyncio

from coachwatts.db.engine import Database
from coachwatts.jobs.bell import QUEUE, connect
from tests.kit.drill import Drill
from tests.kit.jobs import add, until

SELDOM = {"COACHWATTS_JOB_POLL_S": "60"}


async def test_without_redis_jobs_still_run_and_when_it_is_back_the_bell_is_heard_again(drill: Drill, ringing: Database) -> None:
    worker = await drill.start_worker()
    await until(ringing, await add(ringing, "count"), "DONE", within=60)
    await asyncio.to_thread(drill.redis.stop)
    await until(ringing, await add(ringing, "count"), "DONE", within=40)
    await asyncio.to_thread(drill.redis.start)
    async with connect(drill.settings) as redis, asyncio.timeout(60):
        while await redis.exists(f"{QUEUE}:health") == 0:  # noqa: ASYNC110 - the worker writes it once it listens again
            await asyncio.sleep(0.05)
    assert worker.process.returncode is None, "the process lived through it"


async def test_the_bell_of_a_restarted_redis_wakes_a_worker_that_looks_seldom(drill: Drill, ringing: Database) -> None:
    await drill.start_worker(**SELDOM)
    await until(ringing, await add(ringing, "count"), "DONE", within=60)
    await asyncio.to_thread(drill.redis.stop)
    await asyncio.to_thread(drill.redis.start)
    async with connect(drill.settings) as redis, asyncio.timeout(60):
        while await redis.exists(f"{QUEUE}:health") == 0:  # noqa: ASYNC110 - the worker writes it once it listens again
            await asyncio.sleep(0.05)
        await redis.flushall()
    await until(ringing, await add(ringing, "count"), "DONE", within=30)
