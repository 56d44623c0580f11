from uuid import UUID

import strawberry

from coachwatts.api.athletes.inputs import author_of
from coachwatts.api.athletes.loaders import WeekByAthlete
from coachwatts.api.athletes.words import AREA, READ, WRITE
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.athletes import availability
from coachwatts.models.athlete import Availability as Row
from coachwatts.models.athlete import Discipline
from coachwatts.models.user import Weekday


@strawberry.type(description="How much time a weekday holds, and for what.")
class Availability:
    weekday: Weekday = strawberry.field(description="Which day of the week.")
    minutes: int = strawberry.field(description="How many minutes. 0: no training on this day.")
    disciplines: list[Discipline] = strawberry.field(description="For what. Empty: for anything.")
    notes: str | None = strawberry.field(description="More about this day.")

    @classmethod
    def from_row(cls, row: Row) -> "Availability":
        disciplines = [Discipline(name) for name in row.disciplines]
        return cls(weekday=Weekday(row.weekday), minutes=row.minutes, disciplines=disciplines, notes=row.notes)


@strawberry.type
class AvailabilityFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(
        description="Time for training in a usual week, Monday first; nothing was said about a day that is missing."
        " Null when you may not see it.",
        metadata=READ | {"items": 7},
    )
    async def availability(self, info: Info) -> list[Availability] | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        return [Availability.from_row(row) for row in await info.context.loaders.load(WeekByAthlete, self.user_id) or []]


@strawberry.input(description="What a weekday holds.")
class AvailabilityInput:
    weekday: Weekday = strawberry.field(description="Which day of the week.")
    minutes: int = strawberry.field(description="How many minutes, 0 to 1440. 0: no training on this day.")
    disciplines: list[Discipline] = strawberry.field(default_factory=list, description="For what. Empty: for anything.")
    notes: str | None = strawberry.field(default=None, description="More about this day; at most 500 characters.")

    def day(self) -> availability.Day:
        return availability.Day(self.weekday, self.minutes, tuple(self.disciplines), self.notes)


@strawberry.input(description="The whole week. About a weekday that is missing here nothing is said any more.")
class SetAvailabilityInput:
    days: list[AvailabilityInput] = strawberry.field(description="At most one for each weekday.")


@strawberry.type(description="The week as it is now.")
class SetAvailabilityPayload(Payload):
    availability: list[Availability] | None = strawberry.field(default=None, description="The week, Monday first.")


@strawberry.input(description="One weekday. The others stay.")
class SetAvailabilityDayInput(AvailabilityInput):
    pass


@strawberry.type(description="The week as it is now.")
class SetAvailabilityDayPayload(SetAvailabilityPayload):
    pass


@strawberry.input(description="About which weekday nothing is to be said any more.")
class ClearAvailabilityDayInput:
    weekday: Weekday = strawberry.field(description="Which day of the week.")


@strawberry.type(description="The week as it is now.")
class ClearAvailabilityDayPayload(SetAvailabilityPayload):
    pass


@strawberry.type
class AvailabilityMutations:
    @mutation(description="Say how much time each day of a usual week holds, all days at once.", scopes=WRITE)
    async def set_availability(self, info: Info, input: SetAvailabilityInput) -> SetAvailabilityPayload:
        author, athlete_id = author_of(info.context)
        async with info.context.write() as session:
            week = await availability.set_week(session, author, athlete_id, [day.day() for day in input.days])
        return SetAvailabilityPayload(availability=list(map(Availability.from_row, week)))

    @mutation(description="Say how much time one day of a usual week holds.", scopes=WRITE)
    async def set_availability_day(self, info: Info, input: SetAvailabilityDayInput) -> SetAvailabilityDayPayload:
        author, athlete_id = author_of(info.context)
        async with info.context.write() as session:
            week = await availability.set_day(session, author, athlete_id, input.day())
        return SetAvailabilityDayPayload(availability=list(map(Availability.from_row, week)))

    @mutation(description="Say nothing any more about one day of a usual week.", scopes=WRITE)
    async def clear_availability_day(self, info: Info, input: ClearAvailabilityDayInput) -> ClearAvailabilityDayPayload:
        author, athlete_id = author_of(info.context)
        async with info.context.write() as session:
            week = await availability.forget_day(session, author, athlete_id, input.weekday)
        return ClearAvailabilityDayPayload(availability=list(map(Availability.from_row, week)))
