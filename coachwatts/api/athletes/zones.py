from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from coachwatts.analytics.zones import Formula, Zone
from coachwatts.api.athletes.arguments import OfDiscipline, On, today
from coachwatts.api.athletes.loaders import CustomZonesByAthlete, HistoryByAthlete
from coachwatts.api.athletes.thresholds import ValidThreshold
from coachwatts.api.athletes.words import AREA, READ
from coachwatts.api.context import Info
from coachwatts.athletes.rules import ValidValue
from coachwatts.athletes.zones import WhyNoZones, ZoneList, zones_on
from coachwatts.models.athlete import Discipline, ZoneMetric
from coachwatts.models.athlete import TrainingZone as Row


@strawberry.type(description="A zone: from lower, which belongs to it, up to upper, which belongs to the next. Zones leave no gap.")
class TrainingZone:
    number: int = strawberry.field(description="1 is the easiest.")
    name: str = strawberry.field(description="What it is called.")
    lower: float = strawberry.field(description="Where it begins: bpm, W or m/s. The first begins at 0.")
    upper: float | None = strawberry.field(description="Where the next one begins. Null: open at the top.")
    description: str | None = strawberry.field(description="What the athlete says about it.")

    @classmethod
    def of(cls, zone: Zone | Row) -> "TrainingZone":
        return cls(number=zone.number, name=zone.name, lower=zone.lower, upper=zone.upper, description=zone.description)


@strawberry.type(description="What zones were derived from.")
class ZoneBasis:
    formula: str = strawberry.field(description="Id of the formula. A changed formula gets a new one.")
    explanation: str = strawberry.field(description="The formula in words.")
    percents: list[int] = strawberry.field(description="Where each zone begins, in percent.")
    inputs: list[ValidThreshold] = strawberry.field(description="The thresholds that went in.")

    @classmethod
    def of(cls, formula: Formula, inputs: Iterable[ValidValue]) -> "ZoneBasis":
        values = [ValidThreshold.from_value(value) for value in inputs]
        return cls(formula=formula.id, explanation=formula.text, percents=list(formula.percents), inputs=values)


@strawberry.type(description="The zones of a discipline and metric on a day.")
class TrainingZones:
    discipline: Discipline = strawberry.field(description="Of which discipline.")
    metric: ZoneMetric = strawberry.field(description="What they divide.")
    on: date = strawberry.field(description="The day whose thresholds count.")
    is_custom: bool = strawberry.field(description="Whether the athlete set them. Such zones hold on every day, whatever thresholds do.")
    zones: list[TrainingZone] | None = strawberry.field(description="From low to high. Null: unknown.")
    basis: ZoneBasis | None = strawberry.field(description="What they were derived from. Null for custom and unknown ones.")
    why_unknown: WhyNoZones | None = strawberry.field(description="Why there are none.")

    @classmethod
    def of(cls, found: ZoneList, discipline: Discipline, metric: ZoneMetric, on: date) -> "TrainingZones":
        return cls(
            discipline=discipline,
            metric=metric,
            on=on,
            is_custom=found.is_custom,
            zones=None if found.zones is None else list(map(TrainingZone.of, found.zones)),
            basis=ZoneBasis.of(found.formula, found.inputs) if found.formula else None,
            why_unknown=found.why_unknown,
        )


@strawberry.type
class ZoneFields:
    user_id: strawberry.Private[UUID]
    timezone: strawberry.Private[str]

    @strawberry.field(
        description="Training zones: the athlete's own, else derived from the day's thresholds. Null when you may not see them.",
        metadata=READ,
    )
    async def training_zones(
        self,
        info: Info,
        discipline: OfDiscipline,
        metric: Annotated[ZoneMetric, strawberry.argument(description="What the zones divide.")],
        on: On = None,
    ) -> TrainingZones | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        loaders, day = info.context.loaders, on or today(self.timezone)
        history = await loaders.load(HistoryByAthlete, self.user_id) or []
        custom = await loaders.load(CustomZonesByAthlete, self.user_id) or []
        return TrainingZones.of(zones_on(history, custom, discipline, metric, day), discipline, metric, day)
