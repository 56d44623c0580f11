"""What services and administrators do with jobs. Workers go through the dispatcher."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, NotFound
from coachwatts.jobs.repository import listing, queue

RINGS = "job_bells"


async def add(
    session: WriteSession,
    kind: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    run_at: datetime | None = None,
    user_id: UUID | None = None,
    priority: int = 0,
) -> UUID:
    """Make `kind` run once this transaction has committed, or not before `run_at`. Returns the id of the job that will do it.

    The payload holds ids, never a secret or health data. A job that waits under the same `dedupe_key` is used instead of a new
    one, so the payload must follow from the key; one that already runs is not: it may have read what has changed since.
    """
    job_id = await queue.insert_job(session, kind, payload, dedupe_key=dedupe_key, run_at=run_at, user_id=user_id, priority=priority)
    if run_at is None:
        ring_after_commit(session, job_id)
    return job_id


def ring_after_commit(session: WriteSession, job_id: UUID) -> None:
    if RINGS not in session.info:
        session.info[RINGS] = []
        session.after_commit.append(partial(session.bell.ring, session.info[RINGS]))
    session.info[RINGS].append(job_id)


async def retry(session: WriteSession, ids: Collection[UUID]) -> list[UUID]:
    """Dead and cancelled jobs begin anew, with all their attempts. Returns those that do."""
    revived = await listing.revive(session, ids)
    for job_id in revived:
        ring_after_commit(session, job_id)
    return revived


async def cancel(session: WriteSession, job_id: UUID) -> None:
    """One that runs is stopped at its next heartbeat; nothing it still writes is committed."""
    if await listing.cancel(session, job_id, "Cancelled by an administrator."):
        return
    job = await listing.by_id(session, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    raise Conflict(f"Job {job_id} is {job.state} already.")
