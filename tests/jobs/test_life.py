"""From `add` to done."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from coachwatts import clock, jobs
from coachwatts.db.engine import Database
from coachwatts.jobs import Run
from coachwatts.jobs.repository import listing
from coachwatts.jobs.timing import Timing
from tests.kit.jobs import NOBODY, add, dispatching, kind_of, look, recorder, set_columns, until


async def test_a_job_added_in_a_transaction_runs_after_its_commit(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind, {"n": 1})
        job = await until(db, job_id, "DONE")
    assert seen == [{"n": 1}]
    assert (job.attempt, job.lease_token, job.last_error) == (1, None, None)
    assert job.started_at is not None
    assert job.finished_at is not None


async def test_a_job_of_a_rolled_back_transaction_never_was(db: Database) -> None:
    kind = kind_of(recorder()[1])
    with pytest.raises(RuntimeError):
        async with db.write(NOBODY) as session:
            await jobs.add(session, kind.name, {})
            raise RuntimeError
    async with db.read(NOBODY) as session:
        assert await listing.page(session, listing.Filter(kinds=[kind.name])) == []


async def test_a_job_waits_for_its_time_even_longer_than_the_bell_remembers(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    job_id = await add(db, kind, run_at=clock.now() + timedelta(hours=30))
    async with dispatching(db, kind):
        await asyncio.sleep(0.2)
        assert seen == []
        await set_columns(db, job_id, run_at=clock.now())
        await until(db, job_id, "DONE")
    assert len(seen) == 1


async def test_the_last_effect_and_the_end_of_the_job_are_one_transaction(db: Database) -> None:
    kind = kind_of(_fails_inside_finish)
    follow_up = f"{kind.name}_follow_up"
    async with dispatching(db, kind):
        job_id = await add(db, kind, {"follow_up": follow_up})
        job = await until(db, job_id, "DONE")
    async with db.read(NOBODY) as session:
        effects = await listing.page(session, listing.Filter(kinds=[follow_up]))
    assert job.attempt == 2
    assert [effect.payload for effect in effects] == [{"attempt": 2}], "what the failed attempt wrote is gone"


async def _fails_inside_finish(run: Run, _runtime: Any) -> None:
    async with run.finish(NOBODY) as session:
        await jobs.add(session, run.payload["follow_up"], {"attempt": run.attempt})
        if run.attempt == 1:
            raise ValueError


async def test_a_heartbeat_says_when_there_was_progress(db: Database) -> None:
    async def handler(run: Run, _runtime: Any) -> None:
        await run.heartbeat()

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DONE")
    assert job.progress_at is not None


async def test_a_stopping_worker_lets_its_jobs_finish(db: Database) -> None:
    started = asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        started.set()
        await asyncio.sleep(0.3)

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        await started.wait()
    assert (await look(db, job_id)).state == "DONE"


async def test_what_does_not_finish_in_the_grace_time_is_given_back_and_not_counted(db: Database) -> None:
    started = asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        started.set()
        await asyncio.sleep(60)

    kind = kind_of(handler)
    async with dispatching(db, kind, timing=Timing(lease_s=30, poll_s=0.05, grace_s=0.1)):
        job_id = await add(db, kind)
        await started.wait()
    job = await look(db, job_id)
    assert (job.state, job.attempt, job.lease_token, job.last_error) == ("QUEUED", 0, None, None)
    assert job.run_at <= clock.now()


async def test_an_error_after_the_end_does_not_run_the_job_again(db: Database) -> None:
    async def handler(run: Run, _runtime: Any) -> None:
        async with run.finish(NOBODY):
            pass
        raise ValueError

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        await until(db, job_id, "DONE")
    assert (await look(db, job_id)).attempt == 1
