"""What the holder of a lease may do with its job, and what becomes of leases that ran out. The clock is PostgreSQL's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Update, func, select, text, update

from coachwatts.db.session import WriteSession
from coachwatts.jobs.errors import LeaseLost
from coachwatts.models.job import Job, JobState

MESSAGE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job. The token fences: once somebody else has claimed the job, it is worth nothing."""

    job_id: UUID
    token: UUID


@dataclass(frozen=True, slots=True)
class Expired:
    lease: Lease
    kind: str
    attempt: int
    max_attempts: int


async def extend(session: WriteSession, lease: Lease, by: timedelta, *, progress: bool = False) -> None:
    moved: dict[str, Any] = {"progress_at": func.clock_timestamp()} if progress else {}
    await _change(session, lease, lease_until=func.clock_timestamp() + by, **moved)


async def hold(session: WriteSession, lease: Lease, *, alone: bool = False) -> None:
    """Until this transaction ends nobody else can get the job. A lock, not a write: whoever adds jobs does not wait for it."""
    statement = select(Job.id).where(*_held(lease)).with_for_update(read=not alone)
    if await session.scalar(statement) is None:
        raise LeaseLost


async def finish(session: WriteSession, lease: Lease, state: JobState, error: str | None = None) -> None:
    await _change(session, lease, state=state, finished_at=func.clock_timestamp(), last_error=_short(error), **RELEASED)


PAUSE_TWIN = text("""
UPDATE job twin SET run_at = greatest(twin.run_at, clock_timestamp() + CAST(:after AS interval)),
  last_error = coalesce(CAST(:error AS text), twin.last_error)
FROM job mine WHERE mine.id = :id AND mine.lease_token = :token AND mine.state = 'RUNNING'
  AND twin.kind = mine.kind AND twin.dedupe_key = mine.dedupe_key AND twin.state = 'QUEUED'
RETURNING twin.id
""")


async def put_back(session: WriteSession, lease: Lease, after: timedelta, *, counts: bool = True, error: str | None = None) -> None:
    """Queue it again. Where a newer request waits under the same key, that one does the work, after the same pause."""
    values = {"id": lease.job_id, "token": lease.token, "after": after, "error": _short(error)}
    if await session.scalar(PAUSE_TWIN, values) is not None:
        await finish(session, lease, JobState.CANCELLED, "A newer request for the same work took over.")
        return
    changed: dict[str, Any] = {} if error is None else {"last_error": _short(error)}
    if not counts:
        changed["attempt"] = Job.attempt - 1
    await _change(session, lease, state=JobState.QUEUED, run_at=func.clock_timestamp() + after, **changed, **RELEASED)


async def expired(session: WriteSession, most: int) -> list[Expired]:
    """Locks them: two sweepers share the work."""
    columns = (Job.id, Job.lease_token, Job.kind, Job.attempt, Job.max_attempts)
    statement = select(*columns).where(Job.state == JobState.RUNNING, Job.lease_until < func.now()).limit(most)
    rows = await session.execute(statement.with_for_update(skip_locked=True))
    return [Expired(Lease(row.id, row.lease_token), row.kind, row.attempt, row.max_attempts) for row in rows]


RELEASED = {"lease_token": None, "lease_until": None}


def _held(lease: Lease) -> tuple[Any, ...]:
    return Job.id == lease.job_id, Job.lease_token == lease.token, Job.state == JobState.RUNNING


def _short(error: str | None) -> str | None:
    return error[:MESSAGE_LENGTH] if error else None


async def _change(session: WriteSession, lease: Lease, **values: Any) -> None:
    statement: Update = update(Job).where(*_held(lease)).values(values)
    if await session.scalar(statement.returning(Job.id).execution_options(synchronize_session=False)) is None:
        raise LeaseLost
