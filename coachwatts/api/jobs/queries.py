from typing import Annotated

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.jobs.types import Job, JobCount, PausedJobKind
from coachwatts.api.pagination import After, Before, Connection, First, Last, PageArguments, Pages, connect
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.db.keyset import Page, Window
from coachwatts.identity import operations
from coachwatts.identity.administration import require_admin
from coachwatts.jobs.repository.listing import NEWEST, Filter
from coachwatts.models.job import Job as Row
from coachwatts.models.job import JobState

ADMIN = {"scopes": NO_TOKEN}


@strawberry.type(description="How jobs stand as a whole.")
class JobOverview:
    counts: list[JobCount] = strawberry.field(description="How many of each kind are in each state.")
    paused: list[PausedJobKind] = strawberry.field(description="Kinds that an administrator has stopped.")


@strawberry.type
class JobQueries:
    @strawberry.field(description="Jobs, newest first. For administrators.", metadata=ADMIN)
    async def jobs(
        self,
        info: Info,
        *,
        state: Annotated[list[JobState] | None, strawberry.argument(description="Only in these states.")] = None,
        kind: Annotated[list[str] | None, strawberry.argument(description="Only of these kinds.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Job]:
        context, viewer = info.context, info.context.require_viewer()
        require_admin(viewer)
        wanted = Filter(kind or (), state or ())

        async def fetch(window: Window) -> Page[Row]:
            async with context.read() as session:
                return await operations.page(session, viewer, wanted, window)

        async def count() -> int:
            async with context.read() as session:
                return await operations.count(session, viewer, wanted)

        return await connect(Pages(NEWEST, fetch, count), PageArguments(first, after, last, before), Job.from_row)

    @strawberry.field(description="How many jobs there are in which state, and what is paused. For administrators.", metadata=ADMIN)
    async def job_overview(self, info: Info) -> JobOverview:
        context, viewer = info.context, info.context.require_viewer()
        async with context.read() as session:
            found = await operations.overview(session, viewer)
        return JobOverview(
            counts=[JobCount.from_standing(standing) for standing in found.standings],
            paused=[PausedJobKind.from_row(row) for row in found.paused],
        )
