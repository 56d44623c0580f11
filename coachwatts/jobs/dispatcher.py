"""Finds what is due and runs it. Needs PostgreSQL alone; the bell only spares it the wait until it looks again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.jobs import rules, service
from coachwatts.jobs.kinds import Kind
from coachwatts.jobs.repository import leases, queue, ticks
from coachwatts.jobs.repository.queue import Claimed, Limits
from coachwatts.jobs.runner import LAST_WORDS_S, Runner
from coachwatts.jobs.schedule import Every
from coachwatts.jobs.timing import Timing
from coachwatts.models.job import JobState

SWEEP_BATCH = 200
CRASHED = "The worker stopped in the middle of it."

log = structlog.get_logger()


class Dispatcher:
    def __init__(
        self,
        db: Database,
        runtime: Any,
        kinds: Mapping[str, Kind],
        *,
        schedule: Sequence[Every] = (),
        timing: Timing | None = None,
        concurrency: int = 10,
    ) -> None:
        self._db = db
        self._kinds = kinds
        self._limits = [Limits(kind.name, kind.max_attempts, kind.concurrency) for kind in kinds.values()]
        self._schedule = schedule
        self._timing = timing or Timing()
        self._runner = Runner(db, runtime, self._timing)
        self._concurrency = concurrency
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    @property
    def has_room(self) -> bool:
        return len(self._running) < self._concurrency

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until `stop`. Then jobs under way get the grace time to finish; what is left is given back."""
        rounds = [asyncio.create_task(self._repeat(self._timing.sweep_s, action)) for action in (self.sweep, self.queue_due_ticks)]
        try:
            await self._claim_until_stopped()
        finally:
            for task in rounds:
                task.cancel()
            await self._wind_up()

    def stop(self) -> None:
        """Claim nothing more. A claim that is under way ends first, so that no lease is left without a worker."""
        self._stopping = True
        self.wake()

    async def claim(self) -> int:
        """Start as much of what is due as there is room for."""
        most = self._concurrency - len(self._running)
        if most <= 0:
            return 0
        async with self._db.write(Scope.nobody()) as session:
            claimed = await queue.claim_due(session, self._limits, most, self._timing.lease)
        for job in claimed:
            self._start(job)
        return len(claimed)

    async def sweep(self) -> None:
        """Jobs whose worker has not been heard of go back into the queue, or to the dead letters after too many attempts."""
        async with self._db.write(Scope.nobody()) as session:
            for lost in await leases.expired(session, SWEEP_BATCH):
                log.warning("lease_expired", job=lost.kind, job_id=str(lost.lease.job_id), attempt=lost.attempt)
                match rules.after_crash(lost.attempt, lost.max_attempts):
                    case rules.Again(after):
                        await leases.put_back(session, lost.lease, after, error=CRASHED)
                    case rules.Never():
                        await leases.finish(session, lost.lease, JobState.DEAD, CRASHED)

    async def queue_due_ticks(self) -> None:
        for regular in self._schedule:
            due_at = regular.last_due(clock.now())
            async with self._db.write(Scope.nobody()) as session:
                if await ticks.take(session, regular.kind, due_at):
                    await service.add(session, regular.kind, {}, dedupe_key="tick")

    async def _claim_until_stopped(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                found = await self.claim()
            except Exception:
                log.exception("claim_failed")
                found = 0
            if self.has_room and found:
                continue  # a batch may be cut short by a limit of one kind while others wait behind it
            if not self._stopping:
                await self._rest()

    async def _rest(self) -> None:
        pause = self._timing.poll_s * random.uniform(0.8, 1.2)  # noqa: S311 - keeps workers from looking in step
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _start(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._runner.run(claimed, self._kinds[claimed.kind]))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()

    async def _repeat(self, period_s: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except Exception:
                log.exception("round_failed", round=action.__name__)
            await asyncio.sleep(period_s)

    async def _wind_up(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._timing.grace_s)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=2 * LAST_WORDS_S)
