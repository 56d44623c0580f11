"""A job under way, as its handler sees it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.jobs.errors import LeaseLost
from coachwatts.jobs.repository import leases
from coachwatts.jobs.repository.queue import Claimed
from coachwatts.jobs.timing import Timing
from coachwatts.models.job import JobState


class Run:
    """Effects go through `write` or `finish`: they are committed only while the lease holds.

    A job whose effect must happen exactly once commits it with `finish`, which marks the job done in the same transaction.
    What was written with `write` is written again when the job runs again, so it must be repeatable.
    """

    def __init__(self, claimed: Claimed, db: Database, timing: Timing) -> None:
        self.payload: Mapping[str, Any] = claimed.payload
        self.user_id: UUID | None = claimed.user_id
        self.attempt = claimed.attempt
        self.finished = False
        self._lease = claimed.lease
        self._db = db
        self._timing = timing
        self._ending = False

    @property
    def job_id(self) -> UUID:
        return self._lease.job_id

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[ReadSession]:
        async with self._db.read(scope) as session:
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[WriteSession]:
        """Raises LeaseLost before anything is written. Keep it short: the heartbeat waits for it."""
        async with self._db.write(scope) as session:
            await leases.hold(session, self._lease)
            yield session

    @asynccontextmanager
    async def finish(self, scope: Scope) -> AsyncIterator[WriteSession]:
        """The last effect and the job's end, in one transaction."""
        self._ending = True
        try:
            async with self._db.write(scope) as session:
                await leases.hold(session, self._lease, alone=True)
                yield session
                await leases.finish(session, self._lease, JobState.DONE)
            self.finished = True
        finally:
            self._ending = self.finished

    async def heartbeat(self) -> None:
        """Say that the work goes on. Raises LeaseLost when it should not."""
        async with self._db.write(Scope.nobody()) as session:
            await leases.extend(session, self._lease, self._timing.lease, progress=True)

    async def keep_alive(self) -> None:
        """The runner's own beat."""
        try:
            async with self._db.write(Scope.nobody()) as session:
                await leases.extend(session, self._lease, self._timing.lease)
        except LeaseLost:
            if not self._ending:  # a job that is just being finished has no lease to extend, and has lost none
                raise
