"""Runs one claimed job: beats while it works, ends it in time, and records what became of it."""

import asyncio
import traceback
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.errors import CoachWattsError
from coachwatts.jobs import metrics, rules
from coachwatts.jobs.errors import LeaseLost
from coachwatts.jobs.kinds import Kind
from coachwatts.jobs.repository import leases
from coachwatts.jobs.repository.queue import Claimed
from coachwatts.jobs.run import Run
from coachwatts.jobs.service import ring_after_commit
from coachwatts.jobs.timing import Timing
from coachwatts.models.job import JobState

RECORD_AGAIN_AFTER_S = (0.1, 0.5, 2.0, 0.0)
LAST_WORDS_S = 3.0  # for what was cancelled, to clean up

log = structlog.get_logger()


class Runner:
    def __init__(self, db: Database, runtime: Any, timing: Timing) -> None:
        self._db = db
        self._runtime = runtime
        self._timing = timing

    async def run(self, claimed: Claimed, kind: Kind) -> None:
        """Raises nothing but its own cancellation, after which another worker can have the job at once."""
        with structlog.contextvars.bound_contextvars(job=kind.name, job_id=str(claimed.lease.job_id), attempt=claimed.attempt):
            began = monotonic()
            try:
                outcome = await self._attempt_and_record(claimed, kind)
            except asyncio.CancelledError:
                await self._release(claimed)
                raise
            metrics.observe(kind.name, outcome, waited_s=claimed.waited_s, ran_s=monotonic() - began)

    async def _attempt_and_record(self, claimed: Claimed, kind: Kind) -> str:
        run = Run(claimed, self._db, self._timing)
        try:
            error = await self._attempt(run, kind)
            for pause in RECORD_AGAIN_AFTER_S:
                try:
                    return await self._record(run, claimed, error)
                except LeaseLost:
                    raise
                except Exception:
                    log.exception("job_not_recorded")
                    await asyncio.sleep(pause)
        except LeaseLost:
            log.warning("job_lost")
            return "lost"
        return "unrecorded"  # the database is away; the lease will run out

    async def _attempt(self, run: Run, kind: Kind) -> Exception | None:
        try:
            await self._work(run, kind)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - a handler may raise anything, and the rules have an answer to each
            return error
        return None

    async def _work(self, run: Run, kind: Kind) -> None:
        work = asyncio.ensure_future(kind.handler(run, self._runtime))
        beat = asyncio.create_task(self._beat(run))
        try:
            done, _ = await asyncio.wait({work, beat}, timeout=kind.timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(beat, work)
        if work in done and not work.cancelled():
            work.result()
        elif beat in done:
            beat.result()
        else:
            raise TimeoutError(f"not done within {kind.timeout_s:g} s")

    async def _beat(self, run: Run) -> None:
        """Ends with LeaseLost only: the table says so, or could not be asked for as long as a lease lasts."""
        until = monotonic() + self._timing.lease_s
        while monotonic() < until:
            await asyncio.sleep(self._timing.beat_s)
            asked = monotonic()
            try:
                async with asyncio.timeout(until - asked):
                    await run.keep_alive()
                until = asked + self._timing.lease_s
            except LeaseLost:
                raise
            except Exception as trouble:  # noqa: BLE001 - the next beat may get through
                log.warning("heartbeat_missed", reason=type(trouble).__name__)
        raise LeaseLost

    async def _record(self, run: Run, claimed: Claimed, error: Exception | None) -> str:
        if run.finished:
            if error:
                log.error("job_failed_after_its_end", reason=describe(error), exc_info=error)
            return "done"
        async with self._db.write(Scope.nobody()) as session:
            if error is None:
                await leases.finish(session, claimed.lease, JobState.DONE)
                return "done"
            match rules.after_failure(error, claimed.attempt, claimed.max_attempts):
                case rules.Again(after, counts):
                    _tell(error, again_in_s=round(after.total_seconds(), 1))
                    await leases.put_back(session, claimed.lease, after, counts=counts, error=describe(error))
                    return "failed" if counts else "put_off"
                case rules.Never():
                    _tell(error, again_in_s=None)
                    await leases.finish(session, claimed.lease, JobState.DEAD, describe(error))
                    return "dead"

    async def _release(self, claimed: Claimed) -> None:
        """This worker stops. That is no fault of the job's and does not count."""
        with suppress(Exception):  # without the database the lease runs out instead
            async with asyncio.timeout(LAST_WORDS_S), self._db.write(Scope.nobody()) as session:
                await leases.put_back(session, claimed.lease, timedelta(), counts=False)
                ring_after_commit(session, claimed.lease.job_id)


def describe(error: Exception) -> str:
    """Our own errors speak for themselves. The text of others may hold what must not be stored; their place says enough."""
    if isinstance(error, CoachWattsError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _tell(error: Exception, again_in_s: float | None) -> None:
    expected = isinstance(error, CoachWattsError)
    log.warning("job_failed", reason=describe(error), again_in_s=again_in_s, exc_info=None if expected else error)


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    _, stubborn = await asyncio.wait(tasks, timeout=LAST_WORDS_S)
    if stubborn:
        log.error("job_ignores_cancellation")
