"""Any order of requests, claims, failures, crashes and cancellations, against a model of what must hold."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import text

from coachwatts import jobs
from coachwatts.db.engine import Database
from coachwatts.errors import Conflict
from coachwatts.jobs import LeaseLost, service
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.repository import leases, queue
from coachwatts.jobs.repository.queue import Claimed, Limits
from coachwatts.models.job import JobState
from tests.kit.jobs import NOBODY, kind_of, look, recorder

AT_ONCE, LONG = timedelta(), timedelta(hours=1)
MOST_ATTEMPTS = 4
SUMMARY = text("SELECT id, state, attempt, dedupe_key, lease_token IS NOT NULL AS leased, finished_at FROM job WHERE kind = :kind")


class JobTable(RuleBasedStateMachine):
    """Claims that hold, claims that were lost (their worker does not know), and what each request was promised."""

    held, lost = Bundle("held"), Bundle("lost")
    database: Database
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.kind = kind_of(recorder()[1]).name
        self.promised: set[UUID] = set()
        self.done: set[UUID] = set()

    def wait_for(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    @rule(key=st.sampled_from([None, "a", "b"]))
    def add(self, key: str | None) -> None:
        self.promised.add(self.wait_for(self._add(key)))

    @rule(target=held, most=st.integers(1, 3))
    def claim(self, most: int) -> Any:
        claimed: list[Claimed] = self.wait_for(self._claim(most))
        assert all(claim.attempt <= MOST_ATTEMPTS for claim in claimed)
        return multiple(*claimed)

    @rule(claim=consumes(held))
    def finish(self, claim: Claimed) -> None:
        if self._holds(self._finish(claim)):
            assert claim.lease.job_id not in self.done, "one effect a job"
            self.done.add(claim.lease.job_id)

    @rule(claim=consumes(held), counts=st.booleans())
    def give_back(self, claim: Claimed, counts: bool) -> None:
        self._holds(self._put_back(claim, counts))

    @rule(target=lost, claim=consumes(held))
    def crash(self, claim: Claimed) -> Claimed:
        """The lease runs out; another worker's sweeper finds that."""
        self.wait_for(self._expire(claim))
        return claim

    @rule(claim=lost)
    def wake_up_too_late(self, claim: Claimed) -> None:
        assert not self._holds(self._finish(claim))
        assert not self._holds(self._put_back(claim, counts=True))

    @rule(claim=held)
    def cancel(self, claim: Claimed) -> None:
        self.wait_for(self._cancel(claim.lease.job_id))

    @invariant()
    def holds_together(self) -> None:
        rows = self.wait_for(self._rows())
        for state in ("QUEUED", "RUNNING"):
            keys = [row.dedupe_key for row in rows if row.state == state and row.dedupe_key]
            assert len(keys) == len(set(keys)), f"one {state} a key"
        for row in rows:
            assert row.leased == (row.state == "RUNNING")
            assert (row.finished_at is not None) == (row.state in {"DONE", "DEAD", "CANCELLED"})
            assert (row.id in self.done) == (row.state == "DONE")
            assert 0 <= row.attempt <= MOST_ATTEMPTS
        assert self.promised <= {row.id for row in rows}, "what was accepted is there"

    def teardown(self) -> None:
        """Left alone, everything comes to an end."""
        for _ in range(100):
            claimed = self.wait_for(self._claim(10))
            self.wait_for(self._expire_all())
            if not claimed and not self.wait_for(self._live()):
                return
        raise AssertionError("a job is stuck")

    def _holds(self, coroutine: Any) -> bool:
        try:
            self.wait_for(coroutine)
        except LeaseLost:
            return False
        return True

    async def _add(self, key: str | None) -> UUID:
        async with self.database.write(NOBODY) as session:
            return await jobs.add(session, self.kind, {}, dedupe_key=key)

    async def _claim(self, most: int) -> list[Claimed]:
        async with self.database.write(NOBODY) as session:
            return await queue.claim_due(session, [Limits(self.kind, MOST_ATTEMPTS, None)], most, LONG)

    async def _finish(self, claim: Claimed) -> None:
        async with self.database.write(NOBODY) as session:
            await leases.hold(session, claim.lease, alone=True)
            await leases.finish(session, claim.lease, JobState.DONE)

    async def _put_back(self, claim: Claimed, counts: bool) -> None:
        async with self.database.write(NOBODY) as session:
            if counts and claim.attempt >= MOST_ATTEMPTS:
                await leases.finish(session, claim.lease, JobState.DEAD)
            else:
                await leases.put_back(session, claim.lease, AT_ONCE, counts=counts)

    async def _expire(self, claim: Claimed) -> None:
        async with self.database.write(NOBODY) as session:
            await session.execute(text("UPDATE job SET lease_until = now() WHERE lease_token = :token"), {"token": claim.lease.token})
        await self._sweep()

    async def _expire_all(self) -> None:
        async with self.database.write(NOBODY) as session:
            expired = text("UPDATE job SET lease_until = now() WHERE kind = :kind AND state = 'RUNNING'")
            await session.execute(expired, {"kind": self.kind})
        await self._sweep()

    async def _sweep(self) -> None:
        await Dispatcher(self.database, None, {}).sweep()

    async def _cancel(self, job_id: UUID) -> None:
        try:
            async with self.database.write(NOBODY) as session:
                await service.cancel(session, job_id)
        except Conflict:
            assert (await look(self.database, job_id)).state in {"DONE", "DEAD", "CANCELLED"}

    async def _rows(self) -> list[Any]:
        async with self.database.read(NOBODY) as session:
            return list(await session.execute(SUMMARY, {"kind": self.kind}))

    async def _live(self) -> bool:
        return any(row.state in {"QUEUED", "RUNNING"} for row in await self._rows())


async def test_the_job_table_keeps_its_promises_in_any_order_of_events(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coachwatts.jobs.rules.FIRST_PAUSE_S", 0.0)
    JobTable.database, JobTable.loop = db, asyncio.get_running_loop()
    plan = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    await asyncio.to_thread(run_state_machine_as_test, JobTable, settings=plan)
