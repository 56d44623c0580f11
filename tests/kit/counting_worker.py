"""A real worker process whose jobs leave one mark each: what the drills kill, stop and starve."""

import asyncio
import random
from typing import Any

import structlog
from sqlalchemy import text

from coachwatts.db.scope import Scope
from coachwatts.jobs import LeaseLost, Run, job, rules
from coachwatts.jobs.kinds import by_name
from workers.main import run as run_worker

log = structlog.get_logger()

TABLE = """
CREATE TABLE mark (job_id uuid NOT NULL, attempt integer NOT NULL, phase text NOT NULL);
GRANT SELECT, INSERT ON mark TO coachwatts_app
"""
LEAVE_MARK = text("INSERT INTO mark VALUES (:job_id, :attempt, :phase)")


async def leave_mark(run: Run, session: Any, phase: str) -> None:
    await session.execute(LEAVE_MARK, {"job_id": run.job_id, "attempt": run.attempt, "phase": phase})


@job("count", timeout_s=10, max_attempts=15)
async def count(run: Run, _runtime: Any) -> None:
    await asyncio.sleep(random.uniform(0, 1))  # noqa: S311 - a drill
    async with run.finish(Scope.nobody()) as session:
        await leave_mark(run, session, "finished")
        await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311 - so that death also comes between the effect and its commit


@job("nothing")
async def nothing(_run: Run, _runtime: Any) -> None:
    """For benchmarks: what is measured is everything around it."""


@job("linger", timeout_s=60, max_attempts=15)
async def linger(run: Run, _runtime: Any) -> None:
    """Its first attempt is slow enough to be stopped in the middle, and deaf: no cancellation keeps it from trying to write."""
    async with run.write(Scope.nobody()) as session:
        await leave_mark(run, session, "began")
    await asyncio.shield(finish_slowly(run))


async def finish_slowly(run: Run) -> None:
    if run.attempt == 1:
        await asyncio.sleep(1)
    try:
        async with run.finish(Scope.nobody()) as session:
            await leave_mark(run, session, "finished")
    except LeaseLost:
        log.warning("refused_by_the_fence")
        raise


if __name__ == "__main__":
    rules.FIRST_PAUSE_S = 0.2
    run_worker(by_name([count, nothing, linger]))
