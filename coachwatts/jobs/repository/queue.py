"""Jobs go in and come out under a lease. The clock is PostgreSQL's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, text
from sqlalchemy.dialects.postgresql import insert

from coachwatts.db.session import WriteSession
from coachwatts.jobs.repository.leases import Lease
from coachwatts.models.job import Job


@dataclass(frozen=True, slots=True)
class Claimed:
    lease: Lease
    kind: str
    payload: Mapping[str, Any] = field(repr=False)
    user_id: UUID | None
    attempt: int
    max_attempts: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a kind. Handed to the claim, because only workers know the kinds."""

    kind: str
    max_attempts: int
    concurrency: int | None


async def insert_job(
    session: WriteSession,
    kind: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None,
    run_at: datetime | None,
    user_id: UUID | None,
    priority: int,
) -> UUID:
    """One that waits under the same key is used instead. It stays locked until this transaction ends, so that no worker can
    take it before what it is to work on is there. After a failure its pause stands: a vendor's Retry-After is not shortened."""
    statement = insert(Job).values(
        kind=kind,
        payload=dict(payload),
        dedupe_key=dedupe_key,
        run_at=func.now() if run_at is None else run_at,
        user_id=user_id,
        priority=priority,
    )
    new = statement.excluded
    job_id: UUID | None = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Job.kind, Job.dedupe_key],
            index_where=text("state = 'QUEUED' AND dedupe_key IS NOT NULL"),
            set_={
                "run_at": case((Job.last_error.is_(None), func.least(Job.run_at, new.run_at)), else_=Job.run_at),
                "priority": func.greatest(Job.priority, new.priority),
            },
        ).returning(Job.id)
    )
    if job_id is None:
        raise RuntimeError("an upsert returns its row")
    return job_id


CLAIM_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('coachwatts.job.claim'))")
CLAIM = text("""
WITH kinds AS (
  SELECT given.kind, given.max_attempts, given.room - count(busy.id) AS room
  FROM unnest(CAST(:kinds AS text[]), CAST(:max_attempts AS integer[]), CAST(:rooms AS integer[])) AS given (kind, max_attempts, room)
  LEFT JOIN job busy ON busy.kind = given.kind AND busy.state = 'RUNNING'
  WHERE given.kind NOT IN (SELECT kind FROM job_pause)
  GROUP BY given.kind, given.max_attempts, given.room
), due AS MATERIALIZED (
  SELECT id, kind, priority, run_at FROM job
  WHERE state = 'QUEUED' AND run_at <= now() AND kind = ANY (ARRAY(SELECT kind FROM kinds WHERE room > 0))
    AND NOT EXISTS (SELECT FROM job twin WHERE twin.state = 'RUNNING' AND twin.kind = job.kind AND twin.dedupe_key = job.dedupe_key)
  ORDER BY priority DESC, run_at LIMIT :most
  FOR UPDATE SKIP LOCKED
), ranked AS (
  SELECT id, kind, row_number() OVER (PARTITION BY kind ORDER BY priority DESC, run_at) AS place FROM due
)
UPDATE job SET state = 'RUNNING', attempt = attempt + 1, max_attempts = kinds.max_attempts,
  lease_token = gen_random_uuid(), lease_until = clock_timestamp() + CAST(:lease AS interval),
  started_at = clock_timestamp(), progress_at = NULL
FROM ranked JOIN kinds USING (kind)
WHERE job.id = ranked.id AND ranked.place <= kinds.room
RETURNING job.id, job.lease_token, job.kind, job.payload, job.user_id, job.attempt, job.max_attempts,
  CAST(extract(epoch FROM job.started_at - job.run_at) AS double precision) AS waited_s
""")
UNLIMITED = 2**31 - 1


async def claim_due(session: WriteSession, limits: Sequence[Limits], most: int, lease: timedelta) -> list[Claimed]:
    """Up to `most` jobs that are due, most urgent first, each with its attempt already counted."""
    if any(kind.concurrency for kind in limits):
        await session.execute(CLAIM_ONE_AT_A_TIME)  # a limit of all workers together holds only if they count in turn
    rows = await session.execute(
        CLAIM,
        {
            "kinds": [kind.kind for kind in limits],
            "max_attempts": [kind.max_attempts for kind in limits],
            "rooms": [kind.concurrency or UNLIMITED for kind in limits],
            "most": most,
            "lease": lease,
        },
    )
    return [
        Claimed(Lease(row.id, row.lease_token), row.kind, row.payload, row.user_id, row.attempt, row.max_attempts, row.waited_s)
        for row in rows
    ]
