"""Workers die, hang, are told to stop; Redis and connections come and go: every accepted job has its effect exactly once."""

import asyncio
import signal
from contextlib import suppress
from uuid import UUID

import pytest

from coachwatts.db.engine import Database
from tests.kit.drill import Blows, Drill
from tests.kit.jobs import add, eventually

JOBS, WORKERS, BLOWS = 400, 3, 20


async def add_jobs(db: Database, most: int) -> list[UUID]:
    """Those whose commit was confirmed. Where the answer got lost there may be a job more."""
    accepted: list[UUID] = []
    for _ in range(most):
        with suppress(Exception):
            accepted.append(await add(db, "count"))
        await asyncio.sleep(0.02)
    return accepted


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", [20261120])
async def test_every_accepted_job_has_its_effect_exactly_once(drill: Drill, ringing: Database, seed: int) -> None:
    for _ in range(WORKERS):
        await drill.start_worker()
    blows = Blows(drill, seed)
    adding = asyncio.create_task(add_jobs(ringing, JOBS))
    for _ in range(BLOWS):
        await blows.strike()
    await blows.calm()
    accepted = await adding
    await drill.settle()

    marks = await drill.marks()
    rows = await drill.owner.fetch("SELECT id, state, attempt, max_attempts FROM job WHERE kind = 'count'")
    assert len(accepted) > JOBS * 0.9, "the drill did not hinder us from adding jobs"
    assert set(accepted) <= set(marks)
    assert set(marks.values()) == {1}
    assert {row["state"] for row in rows} == {"DONE"}
    assert all(row["attempt"] <= row["max_attempts"] for row in rows)
    assert sum(row["attempt"] > 1 for row in rows) >= 3, "the drill did disturb some jobs"


async def test_a_worker_stopped_for_longer_than_its_lease_leaves_no_trace_when_it_wakes(drill: Drill, ringing: Database) -> None:
    sleeper = await drill.start_worker()
    job_id = await add(ringing, "linger")
    await drill.begun()
    sleeper.send(signal.SIGSTOP)
    await drill.start_worker()
    await drill.settle()
    assert await drill.marks() == {job_id: 1}, "the other worker did it"

    sleeper.send(signal.SIGCONT)
    await eventually(drill.was_refused)
    assert await drill.marks() == {job_id: 1}
    assert await drill.end(sleeper, signal.SIGTERM) == 0


async def test_a_killed_worker_s_job_runs_again_within_lease_and_sweep(drill: Drill, ringing: Database) -> None:
    first = await drill.start_worker()
    job_id = await add(ringing, "linger")
    await drill.begun()
    await drill.end(first, signal.SIGKILL)
    await drill.start_worker()
    await drill.settle()
    assert await drill.owner.fetchval("SELECT attempt FROM job WHERE id = $1", job_id) == 2
    assert await drill.marks() == {job_id: 1}


async def test_a_stopped_worker_hands_its_jobs_over_at_once(drill: Drill, ringing: Database) -> None:
    first = await drill.start_worker()
    job_id = await add(ringing, "linger")
    await drill.begun()
    assert await drill.end(first, signal.SIGTERM) == 0
    job = await drill.owner.fetchrow("SELECT state, attempt, lease_token FROM job WHERE id = $1", job_id)
    assert job
    assert tuple(job) == ("QUEUED", 0, None)
