from uuid import UUID

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.jobs.types import NOBODY, Job
from coachwatts.api.mutation import Payload, mutation
from coachwatts.errors import NotFound
from coachwatts.identity import operations


@strawberry.input(description="Which job is to begin anew.")
class RetryJobInput:
    id: strawberry.ID = strawberry.field(description="Id of the Job.")


@strawberry.input(description="Which job is to stop.")
class CancelJobInput:
    id: strawberry.ID = strawberry.field(description="Id of the Job.")


@strawberry.type(description="The job as it is now.")
class JobPayload(Payload):
    job: Job | None = strawberry.field(default=None, description="As it is now.")


@strawberry.input(description="Which kind of job is to wait.")
class PauseJobKindInput:
    kind: str = strawberry.field(description="The kind of job.")
    reason: str | None = strawberry.field(default=None, description="For the next who looks; at most 500 characters.")


@strawberry.input(description="Which kind of job goes on.")
class ResumeJobKindInput:
    kind: str = strawberry.field(description="The kind of job.")


@strawberry.type(description="The kind of job that was paused or goes on.")
class JobKindPayload(Payload):
    kind: str | None = strawberry.field(default=None, description="The kind of job.")


@strawberry.type
class JobMutations:
    @mutation(description="Let a dead or cancelled job begin anew. For administrators.")
    async def retry_job(self, info: Info, input: RetryJobInput) -> JobPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await operations.retry(session, viewer, context.client, _job(input.id))
        return JobPayload(job=Job.from_row(row))

    @mutation(description="Stop a job that waits or runs. Nothing it still writes is kept. For administrators.")
    async def cancel_job(self, info: Info, input: CancelJobInput) -> JobPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await operations.cancel(session, viewer, context.client, _job(input.id))
        return JobPayload(job=Job.from_row(row))

    @mutation(description="Start no more jobs of a kind. Those that run go on. For administrators.")
    async def pause_job_kind(self, info: Info, input: PauseJobKindInput) -> JobKindPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            await operations.pause_kind(session, viewer, context.client, input.kind, input.reason)
        return JobKindPayload(kind=input.kind)

    @mutation(description="Start jobs of a kind again. For administrators.")
    async def resume_job_kind(self, info: Info, input: ResumeJobKindInput) -> JobKindPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            await operations.resume_kind(session, viewer, context.client, input.kind)
        return JobKindPayload(kind=input.kind)


def _job(text: str) -> UUID:
    wanted = GlobalId.parse(text)
    if wanted is None or wanted.type != "Job" or wanted.athlete != NOBODY or wanted.key_as_uuid is None:
        raise NotFound(field="id")
    return wanted.key_as_uuid
