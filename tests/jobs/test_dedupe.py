"""Under one key one job waits and one runs."""

import asyncio
from datetime import timedelta
from typing import Any

from coachwatts import clock, jobs
from coachwatts.db.engine import Database
from coachwatts.jobs import Run
from tests.kit.jobs import NOBODY, add, dispatching, kind_of, look, recorder, set_columns, until


async def test_a_second_request_uses_the_job_that_waits(db: Database) -> None:
    kind = kind_of(recorder()[1])
    first = await add(db, kind, dedupe_key="a")
    assert await add(db, kind, dedupe_key="a") == first
    assert await add(db, kind, dedupe_key="b") != first
    assert await add(db, kind) != await add(db, kind), "without a key every request is a job"


async def test_the_earlier_time_and_the_higher_priority_count(db: Database) -> None:
    kind = kind_of(recorder()[1])
    now = clock.now()
    job_id = await add(db, kind, dedupe_key="a", run_at=now + timedelta(hours=1), priority=2)
    await add(db, kind, dedupe_key="a", run_at=now + timedelta(minutes=1), priority=1)
    job = await look(db, job_id)
    assert (job.run_at, job.priority) == (now + timedelta(minutes=1), 2)


async def test_the_pause_after_a_failure_is_not_shortened(db: Database) -> None:
    kind = kind_of(recorder()[1])
    later = clock.now() + timedelta(hours=1)
    job_id = await add(db, kind, dedupe_key="a", run_at=later)
    await set_columns(db, job_id, last_error="The vendor said: in an hour.")
    await add(db, kind, dedupe_key="a")
    assert (await look(db, job_id)).run_at == later


async def test_the_same_key_can_come_again_once_the_job_is_done(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    async with dispatching(db, kind):
        first = await add(db, kind, dedupe_key="a")
        await until(db, first, "DONE")
        second = await add(db, kind, dedupe_key="a")
        await until(db, second, "DONE")
    assert first != second
    assert len(seen) == 2


async def test_a_request_while_the_work_is_under_way_starts_it_once_more_and_never_beside_it(db: Database) -> None:
    going, most_at_once, starts = 0, 0, 0
    started = asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        nonlocal going, most_at_once, starts
        going, starts = going + 1, starts + 1
        most_at_once = max(most_at_once, going)
        started.set()
        await asyncio.sleep(0.2)
        going -= 1

    kind = kind_of(handler)
    async with dispatching(db, kind), dispatching(db, kind):
        first = await add(db, kind, dedupe_key="a")
        await started.wait()
        second = await add(db, kind, dedupe_key="a")
        assert await add(db, kind, dedupe_key="a") == second
        await until(db, second, "DONE")
    assert first != second
    assert (starts, most_at_once) == (2, 1)


async def test_a_job_is_not_started_before_the_change_it_was_asked_to_work_on_is_committed(db: Database) -> None:
    """The edit is not committed yet, the job that waits for it already is: taken now, it would miss the edit."""
    seen, handler = recorder()
    kind = kind_of(handler)
    job_id = await add(db, kind, dedupe_key="a")
    async with db.write(NOBODY) as editing:
        await jobs.add(editing, kind.name, {}, dedupe_key="a")
        async with dispatching(db, kind):
            await asyncio.sleep(0.2)
            assert seen == []
    async with dispatching(db, kind):
        await until(db, job_id, "DONE")


async def test_adding_does_not_wait_for_a_job_that_is_writing(db: Database) -> None:
    writing, may_go_on = asyncio.Event(), asyncio.Event()

    async def handler(run: Run, _runtime: Any) -> None:
        async with run.write(NOBODY):
            writing.set()
            await may_go_on.wait()

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind, dedupe_key="a")
        await writing.wait()
        async with asyncio.timeout(15):
            await add(db, kind, dedupe_key="a", run_at=clock.now() + timedelta(hours=1))
        may_go_on.set()
        await until(db, job_id, "DONE")


async def test_a_failed_job_leaves_the_work_and_its_pause_to_the_newer_request(db: Database) -> None:
    started, may_fail = asyncio.Event(), asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        started.set()
        await may_fail.wait()
        raise jobs.RetryLater(timedelta(hours=1), "The vendor said: in an hour.")

    kind = kind_of(handler)
    async with dispatching(db, kind):
        first = await add(db, kind, dedupe_key="a")
        await started.wait()
        second = await add(db, kind, dedupe_key="a")
        may_fail.set()
        await until(db, first, "CANCELLED")
    newer = await look(db, second)
    assert (newer.state, newer.attempt, newer.last_error) == ("QUEUED", 0, "The vendor said: in an hour.")
    assert newer.run_at > clock.now() + timedelta(minutes=59)
