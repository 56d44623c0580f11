"""What services and administrators do with jobs. Workers go through the dispatcher."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from coachwatts.db.session import WriteSession
from coachwatts.jobs.repository import queue

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
