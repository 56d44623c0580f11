from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from coachwatts.api.context import Context
from coachwatts.api.enums import describe
from coachwatts.api.global_id import GlobalId
from coachwatts.api.identity.types import user_id_of
from coachwatts.api.node import Node, fetched_by
from coachwatts.identity import operations
from coachwatts.jobs.repository.listing import Standing
from coachwatts.models.job import Job as Row
from coachwatts.models.job import JobPause, JobState

NOBODY = UUID(int=0)  # jobs are the server's, not an athlete's

describe(
    JobState,
    "How a job stands.",
    QUEUED="It waits for a worker, or for its time.",
    RUNNING="A worker has it.",
    DONE="It got done.",
    DEAD="It failed as often as it may. Somebody has to look at it.",
    CANCELLED="An administrator stopped it.",
)


@strawberry.type(description="Something that runs, ran, or is to run in the background. For administrators.")
class Job(Node):
    kind: str = strawberry.field(description="What it does.")
    state: JobState = strawberry.field(description="How it stands.")
    user_id: strawberry.ID | None = strawberry.field(description="Id of the User whom it concerns.")
    priority: int = strawberry.field(description="Those with a higher number go first.")
    attempt: int = strawberry.field(description="How often it was begun.")
    max_attempts: int | None = strawberry.field(description="How often it is begun at most. Null until a worker has taken it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    run_at: datetime = strawberry.field(description="Not before this moment.")
    started_at: datetime | None = strawberry.field(description="When its last attempt began.")
    progress_at: datetime | None = strawberry.field(description="When it last told of progress.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    last_error: str | None = strawberry.field(description="Why its last attempt failed.")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        return cls(
            id=job_id_of(row.id),
            kind=row.kind,
            state=JobState(row.state),
            user_id=user_id_of(row.user_id) if row.user_id else None,
            priority=row.priority,
            attempt=row.attempt,
            max_attempts=row.max_attempts,
            created_at=row.created_at,
            run_at=row.run_at,
            started_at=row.started_at,
            progress_at=row.progress_at,
            finished_at=row.finished_at,
            last_error=row.last_error,
        )


@strawberry.type(description="How many jobs of a kind are in a state.")
class JobCount:
    kind: str = strawberry.field(description="The kind of job.")
    state: JobState = strawberry.field(description="The state.")
    count: int = strawberry.field(description="How many.")
    oldest_due_seconds: float | None = strawberry.field(description="For how long the oldest that is due has waited. Of QUEUED only.")

    @classmethod
    def from_standing(cls, standing: Standing) -> Self:
        return cls(kind=standing.kind, state=JobState(standing.state), count=standing.count, oldest_due_seconds=standing.oldest_due_s)


@strawberry.type(description="A kind of job that an administrator has stopped; its jobs wait.")
class PausedJobKind:
    kind: str = strawberry.field(description="The kind of job.")
    reason: str | None = strawberry.field(description="Why.")
    since: datetime = strawberry.field(description="Since when.")

    @classmethod
    def from_row(cls, row: JobPause) -> Self:
        return cls(kind=row.kind, reason=row.reason, since=row.created_at)


def job_id_of(job_id: UUID) -> strawberry.ID:
    return strawberry.ID(str(GlobalId("Job", NOBODY, job_id.hex)))


@fetched_by("Job")
async def _fetch(context: Context, wanted: GlobalId) -> Job | None:
    viewer = context.viewer
    if viewer is None or not viewer.is_admin() or wanted.athlete != NOBODY or wanted.key_as_uuid is None:
        return None
    async with context.read() as session:
        row = await operations.find(session, viewer, wanted.key_as_uuid)
    return Job.from_row(row) if row else None
