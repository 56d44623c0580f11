"""How ARQ is set up, and what a ring does."""

from typing import Any

import pytest
from arq.worker import Retry, create_worker

import workers
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.jobs.bell import connect
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import discover
from workers.cron import SCHEDULE
from workers.settings import TRIES, WorkerSettings, ring


def test_every_regular_job_is_a_kind_that_a_worker_knows() -> None:
    assert {every.kind for every in SCHEDULE} <= set(discover(workers))


def test_arq_keeps_no_results_pickles_nothing_and_shows_its_health_often() -> None:
    assert WorkerSettings.keep_result == 0
    assert WorkerSettings.job_deserializer(WorkerSettings.job_serializer({"f": "ring"})) == {"f": "ring"}
    assert WorkerSettings.health_check_interval == 10


@pytest.mark.parametrize(("room", "tries", "wakes"), [(1, 1, True), (0, 1, False), (0, TRIES, True)])
async def test_a_full_worker_leaves_the_ring_to_another_for_a_while(db: Database, room: int, tries: int, wakes: bool) -> None:
    dispatcher = Dispatcher(db, None, {}, concurrency=room)
    ctx: dict[str, Any] = {"dispatcher": dispatcher, "job_try": tries}
    if wakes:
        await ring(ctx)
    else:
        with pytest.raises(Retry):
            await ring(ctx)
    assert dispatcher._wake.is_set() == wakes


async def test_arq_s_own_command_is_refused_with_a_word(settings: Settings) -> None:
    async with connect(settings) as redis:
        arq = create_worker(dict(vars(WorkerSettings)), redis_pool=redis)
        with pytest.raises(RuntimeError, match="Start workers with `coachwatts worker`"):
            await arq.async_run()
