"""A worker that was away too long must not leave a trace."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from coachwatts import jobs
from coachwatts.db.engine import Database
from coachwatts.jobs import LeaseLost, Run
from coachwatts.jobs.repository import leases, listing, queue
from coachwatts.jobs.repository.queue import Claimed, Limits
from coachwatts.jobs.timing import Timing
from coachwatts.models.job import JobState
from tests.kit.jobs import NOBODY, QUICK, add, dispatching, kind_of, look, recorder, until


async def claim(db: Database, kind: str) -> Claimed:
    async with db.write(NOBODY) as session:
        [claimed] = await queue.claim_due(session, [Limits(kind, 5, None)], 1, QUICK.lease)
    return claimed


@pytest.fixture
async def lost(db: Database) -> tuple[Run, Claimed]:
    """A run whose job another worker has claimed since."""
    kind = kind_of(recorder()[1]).name
    await add(db, kind)
    first = await claim(db, kind)
    async with db.write(NOBODY) as session:
        await leases.put_back(session, first.lease, after=Timing().lease * 0)
    second = await claim(db, kind)
    assert second.lease.token != first.lease.token
    return Run(first, db, QUICK), second


async def test_a_lost_lease_writes_nothing(db: Database, lost: tuple[Run, Claimed]) -> None:
    run, taken = lost
    for door in (run.write, run.finish):
        with pytest.raises(LeaseLost):
            async with door(NOBODY) as session:
                await jobs.add(session, f"{taken.kind}_effect", {})
    async with db.read(NOBODY) as session:
        assert await listing.page(session, listing.Filter(kinds=[f"{taken.kind}_effect"])) == []
    assert (await look(db, run.job_id)).state == "RUNNING", "it is the other worker's to finish"


async def test_a_lost_lease_cannot_be_extended_or_given_back(db: Database, lost: tuple[Run, Claimed]) -> None:
    run, taken = lost
    with pytest.raises(LeaseLost):
        await run.heartbeat()
    async with db.write(NOBODY) as session:
        for attempt in (
            leases.put_back(session, run._lease, QUICK.lease),
            leases.finish(session, run._lease, JobState.DONE),
        ):
            with pytest.raises(LeaseLost):
                await attempt
    assert (await look(db, run.job_id)).lease_token == taken.lease.token


async def test_nobody_takes_a_job_in_the_middle_of_its_write(db: Database) -> None:
    kind = kind_of(recorder()[1]).name
    await add(db, kind)
    run = Run(await claim(db, kind), db, QUICK)
    async with run.write(NOBODY), dispatching(db) as other:
        await asyncio.sleep(QUICK.lease_s * 1.5)
        await other.sweep()
        assert (await look(db, run.job_id)).state == "RUNNING"


async def test_a_long_job_keeps_its_lease(db: Database) -> None:
    async def handler(_run: Run, _runtime: Any) -> None:
        await asyncio.sleep(QUICK.lease_s * 2)

    kind = kind_of(handler, timeout_s=30)
    async with dispatching(db, kind), dispatching(db, kind):
        job = await until(db, await add(db, kind), "DONE")
    assert job.attempt == 1


async def test_a_job_that_blocks_its_worker_is_taken_over_and_its_late_result_refused(db: Database) -> None:
    """The loop stands still for longer than a lease, as it does when a process is stopped."""
    results: list[int] = []

    async def handler(run: Run, _runtime: Any) -> None:
        if run.attempt == 1:
            await steal(db, run)
        async with run.finish(NOBODY):
            results.append(run.attempt)

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DONE")
    assert (job.attempt, results) == (2, [2])


async def steal(db: Database, run: Run) -> None:
    async with db.write(NOBODY) as session:
        await leases.put_back(session, run._lease, after=Timing().lease * 0)


async def test_a_handler_is_stopped_when_the_lease_is_gone(db: Database) -> None:
    stopped = asyncio.Event()

    async def handler(run: Run, _runtime: Any) -> None:
        if run.attempt == 1:
            await steal(db, run)
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        async with asyncio.timeout(15):
            await stopped.wait()
        await until(db, job_id, "DONE")


async def test_a_lease_that_cannot_be_extended_for_its_whole_length_counts_as_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked while the database is away; somebody else may have the job by now."""
    stopped = asyncio.Event()

    async def no_answer(*_: Any, **__: Any) -> None:
        raise ConnectionError

    async def handler(run: Run, _runtime: Any) -> None:
        if run.attempt == 1:
            monkeypatch.setattr(leases, "extend", no_answer)
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()
                monkeypatch.undo()

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        async with asyncio.timeout(15):
            await stopped.wait()
        assert (await until(db, job_id, "DONE")).attempt == 2


async def test_a_process_frozen_in_the_middle_of_a_write_loses_its_locks(db: Database) -> None:
    async with db.write(NOBODY) as session:
        assert await session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
