"""What becomes of jobs that do not get done."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.errors import Conflict, NotFound, RateLimited, Unavailable
from coachwatts.ids import new_id
from coachwatts.jobs import GiveUp, RetryLater, Run, rules, service
from coachwatts.jobs.repository import listing
from coachwatts.models.job import Job
from tests.kit.jobs import NOBODY, add, dispatching, eventually, kind_of, look, recorder, set_columns, until


def raising(error: Exception) -> Callable[..., Any]:
    async def handler(_run: Run, _runtime: Any) -> None:
        raise error

    return handler


async def once_failed(db: Database, job_id: UUID) -> Job:
    async def failed() -> str | None:
        return (await look(db, job_id)).last_error

    await eventually(failed)
    return await look(db, job_id)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FIRST_PAUSE_S", 0.0)


@pytest.mark.usefixtures("no_pause")
async def test_what_always_fails_is_a_dead_letter_after_its_last_attempt(db: Database) -> None:
    kind = kind_of(raising(Unavailable("The mail server does not answer.")), max_attempts=3)
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DEAD")
    assert (job.attempt, job.max_attempts, job.last_error) == (3, 3, "The mail server does not answer.")
    assert job.finished_at is not None


async def test_a_failed_attempt_is_followed_by_a_pause(db: Database) -> None:
    kind = kind_of(raising(ValueError()))
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        job = await once_failed(db, job_id)
    assert job.attempt == 1
    assert job.run_at <= clock.now() + timedelta(seconds=rules.FIRST_PAUSE_S)


@pytest.mark.parametrize(
    "error",
    [RetryLater(timedelta(hours=1), "in an hour"), RateLimited("in an hour", retry_after_s=3600)],
    ids=["RetryLater", "RateLimited"],
)
async def test_retry_after_is_honoured_and_no_attempt_is_lost(db: Database, error: Exception) -> None:
    kind = kind_of(raising(error), max_attempts=1)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        job = await once_failed(db, job_id)
    assert (job.state, job.attempt, job.last_error) == ("QUEUED", 0, "in an hour")
    assert timedelta(minutes=59) < job.run_at - clock.now() <= timedelta(hours=1)


async def test_giving_up_ends_it_at_once(db: Database) -> None:
    kind = kind_of(raising(GiveUp("The athlete has to connect again.")))
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DEAD")
    assert (job.attempt, job.last_error) == (1, "The athlete has to connect again.")


async def test_what_takes_too_long_is_stopped(db: Database) -> None:
    stopped = asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    kind = kind_of(handler, timeout_s=0.1, max_attempts=1)
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DEAD")
    assert stopped.is_set()
    assert str(job.last_error).startswith("TimeoutError")


async def test_the_text_of_a_strange_error_is_not_stored_because_it_may_hold_a_secret(db: Database) -> None:
    kind = kind_of(raising(ValueError("token=swordfish")), max_attempts=1)
    async with dispatching(db, kind):
        job = await until(db, await add(db, kind), "DEAD")
    assert "swordfish" not in str(job.last_error)
    assert str(job.last_error).startswith("ValueError at test_failure.py:")


@pytest.mark.usefixtures("no_pause")
async def test_a_job_that_kills_its_worker_every_time_comes_to_an_end(db: Database) -> None:
    """As after a crash: the lease runs out and nobody reports anything."""
    kind = kind_of(recorder()[1], max_attempts=2)
    job_id = await add(db, kind)
    for attempt in (1, 2):
        await set_columns(db, job_id, state="RUNNING", attempt=attempt, max_attempts=2, lease_token=new_id(), lease_until=clock.now())
        async with dispatching(db) as dispatcher:
            await dispatcher.sweep()
        job = await look(db, job_id)
        assert job.last_error == "The worker stopped in the middle of it."
        assert job.state == ("QUEUED" if attempt == 1 else "DEAD")


async def test_a_job_whose_lease_still_holds_is_not_swept(db: Database) -> None:
    job_id = await add(db, kind_of(recorder()[1]))
    soon = clock.now() + timedelta(seconds=5)
    await set_columns(db, job_id, state="RUNNING", max_attempts=2, lease_token=new_id(), lease_until=soon)
    async with dispatching(db) as dispatcher:
        await dispatcher.sweep()
    assert (await look(db, job_id)).state == "RUNNING"
    await set_columns(db, job_id, state="CANCELLED")


async def test_a_dead_letter_can_begin_anew(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    job_id = await add(db, kind, {"n": 1})
    await set_columns(db, job_id, state="DEAD", attempt=5, last_error="x", finished_at=clock.now())
    async with db.write(NOBODY) as session:
        assert await listing.dead(session, kind.name) == [job_id]
        assert await service.retry(session, [job_id]) == [job_id]
    async with dispatching(db, kind):
        job = await until(db, job_id, "DONE")
    assert (job.attempt, seen) == (1, [{"n": 1}])


async def test_of_dead_letters_with_one_key_the_newest_begins_anew(db: Database) -> None:
    kind = kind_of(recorder()[1])
    ids = []
    for _ in range(3):
        ids.append(await add(db, kind, dedupe_key="a"))
        await set_columns(db, ids[-1], state="DEAD")
    async with db.write(NOBODY) as session:
        assert await service.retry(session, ids) == ids[2:]
    async with db.write(NOBODY) as session:
        assert await service.retry(session, ids) == [], "one waits already"


async def test_a_cancelled_job_is_stopped_and_leaves_no_trace(db: Database) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def handler(_run: Run, _runtime: Any) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        await started.wait()
        async with db.write(NOBODY) as session:
            await service.cancel(session, job_id)
        async with asyncio.timeout(15):
            await stopped.wait()
    assert (await look(db, job_id)).state == "CANCELLED"
    async with db.write(NOBODY) as session:
        with pytest.raises(Conflict, match="is CANCELLED already"):
            await service.cancel(session, job_id)
        with pytest.raises(NotFound):
            await service.cancel(session, new_id())


@pytest.mark.usefixtures("no_pause")
async def test_the_dispatcher_outlives_a_database_that_breaks_its_connections(db: Database) -> None:
    kind = kind_of(recorder()[1])
    async with dispatching(db, kind):
        for _ in range(3):
            await until(db, await add(db, kind), "DONE")
            async with db.write(NOBODY) as session:
                await session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                        "AND datname = current_database() AND usename = current_user"
                    )
                )
        await until(db, await add(db, kind), "DONE")


async def test_an_error_of_the_database_does_not_carry_the_values_into_the_log(db: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with db.write(NOBODY) as session:
            await session.execute(text("SELECT 1 / 0, CAST(:secret AS text)"), {"secret": "swordfish"})
    assert "swordfish" not in str(failed.value)
