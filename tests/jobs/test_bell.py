"""The bell is a hint: rung after the commit, quick to give up, never needed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID

import orjson
import pytest
from arq.connections import ArqRedis
from pydantic import SecretStr

from coachwatts import clock, jobs
from coachwatts.config import Settings
from coachwatts.db.bell import NoBell
from coachwatts.db.engine import Database
from coachwatts.jobs.bell import MOST, PATIENCE_S, QUEUE, ArqBell, connect
from tests.kit.jobs import NOBODY, add, dispatching, kind_of, recorder, until


class Rung(NoBell):
    """A bell that notes who rang."""

    def __init__(self) -> None:
        self.jobs: list[UUID] = []

    async def ring(self, jobs: Sequence[UUID]) -> None:
        self.jobs += jobs


@pytest.fixture
async def rung(settings: Settings) -> AsyncIterator[tuple[Database, Rung]]:
    bell = Rung()
    database = Database(settings, bell)
    yield database, bell
    await database.close()


@pytest.fixture
async def arq(settings: Settings) -> AsyncIterator[ArqRedis]:
    async with connect(settings) as redis:
        await redis.delete(QUEUE)
        yield redis


async def test_it_is_rung_once_the_transaction_has_committed(rung: tuple[Database, Rung]) -> None:
    db, bell = rung
    kind = kind_of(recorder()[1]).name
    async with db.write(NOBODY) as session:
        ids = [await jobs.add(session, kind, {}) for _ in range(3)]
        assert bell.jobs == []
    assert bell.jobs == ids


async def test_it_is_not_rung_for_what_was_rolled_back_or_is_due_later(rung: tuple[Database, Rung]) -> None:
    db, bell = rung
    kind = kind_of(recorder()[1]).name
    await add(db, kind, run_at=clock.now() + timedelta(hours=1))
    with pytest.raises(RuntimeError):
        async with db.write(NOBODY) as session:
            await jobs.add(session, kind, {})
            raise RuntimeError
    assert bell.jobs == []


async def test_what_lies_in_redis_is_plain_json_and_forgotten_soon(db: Database, arq: ArqRedis) -> None:
    job_id = await add(db, kind_of(recorder()[1]))
    await ArqBell(arq).ring([job_id, job_id])
    assert await arq.zrange(QUEUE, 0, -1) == [str(job_id).encode()]
    assert orjson.loads(await arq.get(f"arq:job:{job_id}"))["f"] == "ring"
    assert 0 < await arq.pttl(f"arq:job:{job_id}") <= 60_000


async def test_a_transaction_with_many_jobs_rings_only_often_enough(arq: ArqRedis) -> None:
    await ArqBell(arq).ring([UUID(int=number) for number in range(500)])
    assert await arq.zcard(QUEUE) == MOST


async def test_redis_wiped_between_commit_and_bell_costs_only_time(db: Database, arq: ArqRedis) -> None:
    kind = kind_of(recorder()[1])
    job_id = await add(db, kind)
    await ArqBell(arq).ring([job_id])
    await arq.flushdb()
    async with dispatching(db, kind):
        await until(db, job_id, "DONE")


async def test_a_commit_waits_for_a_silent_redis_once_and_not_long(settings: Settings) -> None:
    silent = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        deaf = settings.model_copy(update={"redis_url": SecretStr(f"redis://127.0.0.1:{port}/0")})
        async with connect(deaf) as redis:
            db = Database(settings, ArqBell(redis))
            kind = kind_of(recorder()[1]).name
            began = monotonic()
            await add(db, kind)
            first = monotonic() - began
            for _ in range(10):
                await add(db, kind)
            rest = monotonic() - began - first
            await db.close()
    assert PATIENCE_S <= first < PATIENCE_S + 2
    assert rest < 5 * PATIENCE_S, "ten commits, and none of them waited again"


async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_a_refusing_redis_does_not_disturb_the_commit(settings: Settings, db: Database) -> None:
    gone = settings.model_copy(update={"redis_url": SecretStr("unix:///nowhere/redis.sock")})
    async with connect(gone) as redis:
        ringing = Database(settings, ArqBell(redis))
        kind = kind_of(recorder()[1])
        async with dispatching(db, kind):
            await until(db, await add(ringing, kind), "DONE")
        await ringing.close()
