"""`python -m workers` as it runs in production."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.embedded.foreground import as_environment
from coachwatts.jobs.bell import ArqBell, connect
from tests.kit.jobs import add, until
from workers.main import with_room_for_heartbeats


@asynccontextmanager
async def worker(settings: Settings, **extra: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment: Mapping[str, str] = {**os.environ, **as_environment(settings), **extra}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_a_bell_wakes_the_worker_long_before_it_would_look(settings: Settings, db: Database) -> None:
    redis = connect(settings)
    ringing = Database(settings, ArqBell(redis))
    async with worker(settings, COACHWATTS_JOB_POLL_S="60"):
        # the first job is found when the worker starts, the second only by the bell
        await until(db, await add(ringing, "purge_finished_jobs"), "DONE", within=60)
        await until(db, await add(ringing, "purge_sign_in_leftovers"), "DONE", within=30)
    await ringing.close()
    await redis.aclose()


async def test_without_a_bell_the_worker_finds_the_job_when_it_looks(settings: Settings, db: Database) -> None:
    async with worker(settings, COACHWATTS_JOB_POLL_S="0.2"):
        await until(db, await add(db, "purge_finished_jobs", run_at=clock.now() + timedelta(milliseconds=10)), "DONE", within=60)


async def test_a_worker_answers_prometheus_where_it_is_told_to(settings: Settings, db: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    async with worker(settings, COACHWATTS_WORKER_METRICS=address, COACHWATTS_JOB_POLL_S="0.2"), httpx.AsyncClient() as client:
        await until(db, await add(db, "purge_finished_jobs"), "DONE", within=60)
        figures = (await client.get(f"http://{address}/metrics")).text
    assert 'coachwatts_job_ended_total{kind="purge_finished_jobs",outcome="done"}' in figures


def test_heartbeats_find_a_connection_when_every_job_holds_one(settings: Settings) -> None:
    crowded = settings.model_copy(update={"worker_concurrency": 50, "db_pool_size": 10, "db_max_overflow": 0})
    roomy = with_room_for_heartbeats(crowded)
    assert roomy.db_pool_size + roomy.db_max_overflow > 50
    assert with_room_for_heartbeats(roomy) == roomy
