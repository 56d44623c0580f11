"""How soon a job starts with the bell and without, and how many a worker gets through, beside ARQ alone."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
from arq.worker import Worker, func
from pydantic import SecretStr

from coachwatts import config, jobs, logs
from coachwatts.config import Settings
from coachwatts.db import migrations
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.embedded.foreground import as_environment
from coachwatts.embedded.services import Embedded
from coachwatts.jobs.bell import ArqBell, as_json, connect, from_json
from tests.benchmarks.figure import Figure

RUNGS, LOOKS, MANY = 100, 20, 2000
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cw-", ignore_cleanup_errors=True))
        settings = stack.enter_context(Embedded(config.load(_env_file=None, data_dir=Path(folder) / "data", log_level="error")))
        logs.configure(settings)
        migrations.upgrade(settings)
        yield from asyncio.run(figures(settings))


async def figures(settings: Settings) -> list[Figure]:
    rung = await latencies(settings, RUNGS, pause=0.05, poll_s=60)
    looked = await latencies(settings.model_copy(update={"redis_url": SecretStr("unix:///nowhere")}), LOOKS, pause=0.6, poll_s=5)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(await throughput(settings))
        theirs.append(await arq_alone(settings))
    return [
        Figure("job: commit to start with the bell, median", median(rung) * 1000, "ms", most=250),
        Figure("job: commit to start with the bell, slowest of 100", max(rung) * 1000, "ms"),
        Figure("job: commit to start without Redis, median", median(looked) * 1000, "ms"),
        Figure("job: commit to start without Redis, slowest of 20", max(looked) * 1000, "ms", most=6500),
        Figure("jobs: empty ones a second, one worker", median(ours), "1/s"),
        Figure("jobs: the same with ARQ alone, which forgets", median(theirs), "1/s"),
        Figure("jobs: ours as a share of ARQ alone", median(mine / other for mine, other in zip(ours, theirs, strict=True)), least=0.1),
    ]


@asynccontextmanager
async def worker(settings: Settings, **variables: str) -> AsyncIterator[None]:
    environment = {**os.environ, **as_environment(settings), **variables, "COACHWATTS_LOG_LEVEL": "error"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.kit.counting_worker", env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[tuple[Database, asyncpg.Connection]]:
    assert settings.direct_url
    owner = await asyncpg.connect(settings.direct_url.get_secret_value())
    async with connect(settings) as redis:
        db = Database(settings, ArqBell(redis))
        yield db, owner
        await db.close()
    await owner.execute("TRUNCATE job")
    await owner.close()


async def settled(owner: asyncpg.Connection) -> None:
    live = "SELECT EXISTS (SELECT FROM job WHERE kind = 'nothing' AND state IN ('QUEUED', 'RUNNING'))"
    while await owner.fetchval(live):  # noqa: ASYNC110 - the state is in PostgreSQL
        await asyncio.sleep(0.02)


async def latencies(settings: Settings, times: int, *, pause: float, poll_s: float) -> list[float]:
    async with database(settings) as (db, owner), worker(settings, COACHWATTS_JOB_POLL_S=str(poll_s)):
        await add(db, 1)
        await settled(owner)
        await asyncio.sleep(1)  # now it listens
        await owner.execute("TRUNCATE job")
        for _ in range(times):
            await add(db, 1)
            await asyncio.sleep(pause)
        await settled(owner)
        rows = await owner.fetch("SELECT extract(epoch FROM started_at - run_at)::float8 AS waited FROM job WHERE kind = 'nothing'")
    return [row["waited"] for row in rows]


async def throughput(settings: Settings) -> float:
    async with database(settings) as (db, owner):
        await add(db, MANY)
        async with worker(settings):
            await settled(owner)
        return float(
            await owner.fetchval("SELECT count(*) / extract(epoch FROM max(finished_at) - min(started_at)) FROM job WHERE kind = 'nothing'")
        )


async def add(db: Database, many: int) -> None:
    async with db.write(Scope.nobody()) as session:
        for _ in range(many):
            await jobs.add(session, "nothing", {})


async def do_nothing(ctx: dict[Any, Any], *_: Any, **__: Any) -> None:
    """As ARQ calls it."""


async def arq_alone(settings: Settings) -> float:
    async with connect(settings) as redis:
        redis.default_queue_name = "bench"
        for _ in range(MANY):
            await redis.enqueue_job("do_nothing")
        function = func(do_nothing, name="do_nothing", keep_result=0)
        arq = Worker(
            [function],
            queue_name="bench",
            redis_pool=redis,
            burst=True,
            handle_signals=False,
            max_jobs=settings.worker_concurrency,
            poll_delay=0.01,
            job_serializer=as_json,
            job_deserializer=from_json,
        )
        began = perf_counter()
        await arq.async_run()
        took = perf_counter() - began
        await arq.close()
    return MANY / took
