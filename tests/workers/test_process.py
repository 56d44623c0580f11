"""`python -m workers` as it runs in production."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.embedded.foreground import as_environment
from coachwatts.jobs.bell import ArqBell, connect
from tests.kit.jobs import add, until


@asynccontextmanager
async def worker(settings: Settings, **extra: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment: Mapping[str, str] = {**os.environ, **as_environment(settings), **extra}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0


async def test_a_bell_wakes_the_worker_long_before_it_would_look(settings: Settings, db: Database) -> None:
    redis = connect(settings)
    ringing = Database(settings, ArqBell(redis))
    async with worker(settings, COACHWATTS_JOB_POLL_S="60"):
        # the first job is found when the worker starts, the second only by the bell
        await until(db, await add(ringing, "purge_finished_jobs"), "DONE", within=15)
        await until(db, await add(ringing, "purge_sign_in_leftovers"), "DONE", within=3)
    await ringing.close()
    await redis.aclose()


async def test_without_a_bell_the_worker_finds_the_job_when_it_looks(settings: Settings, db: Database) -> None:
    async with worker(settings, COACHWATTS_JOB_POLL_S="0.2"):
        await until(db, await add(db, "purge_finished_jobs", run_at=clock.now() + timedelta(milliseconds=10)), "DONE", within=15)
