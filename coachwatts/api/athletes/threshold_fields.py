"""What a person says about thresholds. One read of the history answers all of today's and any other day's values."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from coachwatts.api.athletes.arguments import OfDiscipline, On, today
from coachwatts.api.athletes.loaders import HistoryByAthlete
from coachwatts.api.athletes.thresholds import Threshold, ThresholdsOnDay
from coachwatts.api.athletes.words import AREA, READ
from coachwatts.api.context import Info
from coachwatts.api.pagination import After, Before, Connection, First, Last, PageArguments, Pages, connect
from coachwatts.athletes import rules
from coachwatts.athletes.repository import thresholds as repository
from coachwatts.athletes.repository.thresholds import NEWEST_FIRST, Filter
from coachwatts.db.keyset import Page, Window
from coachwatts.models.athlete import Discipline, ThresholdKind, ThresholdStatus
from coachwatts.models.athlete import Threshold as Row


@strawberry.input(description="Which thresholds. What is left out does not narrow.")
class ThresholdFilter:
    discipline: Discipline | None = strawberry.field(default=None, description="Of this discipline.")
    status: ThresholdStatus | None = strawberry.field(default=None, description="Of this status.")
    since: date | None = strawberry.field(default=None, description="Effective on this day or later.")
    until: date | None = strawberry.field(default=None, description="Effective on this day or earlier.")


Chosen = Annotated[ThresholdFilter | None, strawberry.argument(description="Which ones.")]


@strawberry.type
class ThresholdFields:
    user_id: strawberry.Private[UUID]
    timezone: strawberry.Private[str]

    @strawberry.field(description="Functional threshold power in cycling in W, valid today. Null: unknown.", metadata=READ)
    async def ftp(self, info: Info) -> int | None:
        found = rules.valid_on(await _history(info, self.user_id), Discipline.RIDE, today(self.timezone)).get(ThresholdKind.FTP_WATTS)
        return int(found.value) if found else None

    @strawberry.field(description="Maximum heart rate in bpm: the highest of all disciplines, valid today. Null: unknown.", metadata=READ)
    async def max_hr(self, info: Info) -> int | None:
        found = rules.highest_max_hr(await _history(info, self.user_id), today(self.timezone))
        return int(found.value) if found else None

    @strawberry.field(description="What is valid in a discipline on a day. Null when you may not see it.", metadata=READ)
    async def thresholds_on_day(self, info: Info, discipline: OfDiscipline, on: On = None) -> ThresholdsOnDay | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        return ThresholdsOnDay.of(await _history(info, self.user_id), discipline, on or today(self.timezone))

    @strawberry.field(
        description="The history of thresholds with open and rejected proposals, newest first. Null when you may not see it.", metadata=READ
    )
    async def thresholds(
        self, info: Info, *, first: First = None, after: After = None, last: Last = None, before: Before = None, filter: Chosen = None
    ) -> Connection[Threshold] | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        chosen = Filter(**vars(filter)) if filter else Filter()

        async def fetch(window: Window) -> Page[Row]:
            async with info.context.read() as session:
                return await repository.page(session, self.user_id, chosen, window)

        async def count() -> int:
            async with info.context.read() as session:
                return await repository.count(session, self.user_id, chosen)

        return await connect(Pages(NEWEST_FIRST, fetch, count), PageArguments(first, after, last, before), Threshold.from_row)


async def _history(info: Info, athlete_id: UUID) -> list[Row]:
    """Empty for whoever may not see it: then every value of it is unknown."""
    if not info.context.may_see(athlete_id, AREA):
        return []
    return await info.context.loaders.load(HistoryByAthlete, athlete_id) or []
