"""Jobs as an administrator sees and moves them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict
from coachwatts.models.job import Job, JobPause, JobState

NEWEST = Keyset("jobs", (Job.id,))  # ids grow with time
LIVE = (JobState.QUEUED, JobState.RUNNING)
UNSETTLED = (*LIVE, JobState.DEAD)
"""Few, and indexed. Those that ended well are many and lie around for a month."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many jobs of a kind are in a state, and for how long the oldest due one has waited."""

    kind: str
    state: str
    count: int
    oldest_due_s: float | None


@dataclass(frozen=True, slots=True)
class Filter:
    kinds: Collection[str] = ()
    states: Collection[JobState] = ()
    user_id: UUID | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        chosen: list[tuple[Any, ColumnElement[bool]]] = [
            (self.kinds, Job.kind.in_([kind for kind in self.kinds if kind.isprintable()])),
            (self.states, Job.state.in_(self.states)),
            (self.user_id, Job.user_id == self.user_id),
        ]
        return [condition for given, condition in chosen if given]


async def page(session: ReadSession, wanted: Filter, *, after: UUID | None = None, most: int = 50) -> Sequence[Job]:
    """Newest first. Ids are ordered by time, so the last id of a page is the cursor of the next."""
    statement = select(Job).where(*wanted.conditions).order_by(Job.id.desc()).limit(most)
    if after:
        statement = statement.where(Job.id < after)
    return (await session.scalars(statement)).all()


async def window(session: ReadSession, wanted: Filter, window: Window) -> Page[Job]:
    """Newest first."""
    statement = NEWEST.limit(select(Job).where(*wanted.conditions), window)
    return cut((await session.scalars(statement.execution_options(populate_existing=True))).all(), window)


async def count(session: ReadSession, wanted: Filter) -> int:
    return await session.scalar(select(func.count()).select_from(Job).where(*wanted.conditions)) or 0


async def by_id(session: ReadSession, job_id: UUID) -> Job | None:
    return await session.get(Job, job_id, populate_existing=True)


async def standings(session: ReadSession, states: Collection[JobState] = UNSETTLED) -> list[Standing]:
    age: Any = func.extract("epoch", func.now() - func.min(Job.run_at).filter(Job.state == JobState.QUEUED, Job.run_at <= func.now()))
    statement = select(Job.kind, Job.state, func.count(), age).where(Job.state.in_(states))
    rows = await session.execute(statement.group_by(Job.kind, Job.state).order_by(Job.kind, Job.state))
    return [Standing(kind, state, count, None if oldest is None else float(oldest)) for kind, state, count, oldest in rows]


async def paused(session: ReadSession) -> Sequence[JobPause]:
    return (await session.scalars(select(JobPause).order_by(JobPause.kind))).all()


async def pause(session: WriteSession, kind: str, reason: str | None) -> None:
    statement = insert(JobPause).values(kind=kind, reason=reason)
    await session.execute(statement.on_conflict_do_update(index_elements=[JobPause.kind], set_={"reason": statement.excluded.reason}))


async def resume(session: WriteSession, kind: str) -> bool:
    return await session.scalar(delete(JobPause).where(JobPause.kind == kind).returning(JobPause.id)) is not None


REVIVE = text("""
UPDATE job SET state = 'QUEUED', attempt = 0, run_at = now(), finished_at = NULL, last_error = NULL
WHERE id IN (SELECT DISTINCT ON (kind, coalesce(dedupe_key, CAST(id AS text))) id FROM job
             WHERE id = ANY(:ids) AND state IN ('DEAD', 'CANCELLED') ORDER BY kind, coalesce(dedupe_key, CAST(id AS text)), id DESC)
  AND NOT EXISTS (SELECT FROM job twin WHERE twin.state = 'QUEUED' AND twin.kind = job.kind AND twin.dedupe_key = job.dedupe_key)
RETURNING id
""")


async def revive(session: WriteSession, ids: Collection[UUID]) -> list[UUID]:
    """Dead and cancelled jobs start anew: of those that share a key the newest, and none where another one waits already."""
    try:
        return list(await session.scalars(REVIVE, {"ids": list(ids)}))
    except IntegrityError as twin:
        if "uq_job__waiting" in str(twin.orig):
            raise Conflict("A job under the same key was queued at this very moment. Look again.") from None
        raise


async def dead(session: ReadSession, kind: str | None, most: int = 1000) -> list[UUID]:
    statement = select(Job.id).where(Job.state == JobState.DEAD).order_by(Job.id).limit(most)
    return list(await session.scalars(statement if kind is None else statement.where(Job.kind == kind)))


async def cancel(session: WriteSession, job_id: UUID, reason: str) -> bool:
    """A running one loses its lease: it is stopped at its next heartbeat, and nothing it still writes is committed."""
    values = {
        "state": JobState.CANCELLED,
        "finished_at": func.clock_timestamp(),
        "lease_token": None,
        "lease_until": None,
        "last_error": reason,
    }
    statement = update(Job).where(Job.id == job_id, Job.state.in_(LIVE)).values(values).returning(Job.id)
    return await session.scalar(statement.execution_options(synchronize_session=False)) is not None
