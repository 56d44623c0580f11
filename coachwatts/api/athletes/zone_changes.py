import strawberry

from coachwatts.api.athletes.inputs import author_of
from coachwatts.api.athletes.words import WRITE
from coachwatts.api.athletes.zones import TrainingZone
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.athletes import custom_zones
from coachwatts.athletes.custom_zones import FEWEST, MOST, Place, Start
from coachwatts.models.athlete import Discipline, ZoneMetric


@strawberry.input(description="A zone by where it begins. It ends where the next one begins, so that there can be no gap.")
class TrainingZoneInput:
    name: str = strawberry.field(description="What it is called; at most 60 characters.")
    lower: float = strawberry.field(description="Where it begins: whole bpm or W, or m/s. The first begins at 0.")
    description: str | None = strawberry.field(default=None, description="More about it; at most 500 characters.")


@strawberry.input(description="The whole list of zones of a discipline and metric.")
class SetTrainingZonesInput:
    discipline: Discipline = strawberry.field(description="Of which discipline.")
    metric: ZoneMetric = strawberry.field(description="What they divide.")
    zones: list[TrainingZoneInput] = strawberry.field(description=f"From low to high, {FEWEST} to {MOST}.")


@strawberry.type(description="The zones that hold from now on.")
class SetTrainingZonesPayload(Payload):
    zones: list[TrainingZone] | None = strawberry.field(default=None, description="From low to high.")


@strawberry.input(description="Which zones to derive again.")
class ResetTrainingZonesInput:
    discipline: Discipline = strawberry.field(description="Of which discipline.")
    metric: ZoneMetric = strawberry.field(description="What they divide.")


@strawberry.type(description="Custom zones are gone; derived ones hold again.")
class ResetTrainingZonesPayload(Payload):
    pass


@strawberry.type
class ZoneMutations:
    @mutation(description="Set your own zones of a discipline and metric, all at once. Thresholds no longer move them.", scopes=WRITE)
    async def set_training_zones(self, info: Info, input: SetTrainingZonesInput) -> SetTrainingZonesPayload:
        author, athlete_id = author_of(info.context)
        starts = [Start(zone.name, zone.lower, zone.description) for zone in input.zones]
        async with info.context.write() as session:
            rows = await custom_zones.replace(session, author, athlete_id, Place(input.discipline, input.metric), starts)
        return SetTrainingZonesPayload(zones=[TrainingZone.of(row) for row in rows])

    @mutation(description="Drop your own zones of a discipline and metric: derived ones hold again.", scopes=WRITE)
    async def reset_training_zones(self, info: Info, input: ResetTrainingZonesInput) -> ResetTrainingZonesPayload:
        author, athlete_id = author_of(info.context)
        async with info.context.write() as session:
            await custom_zones.reset(session, author, athlete_id, Place(input.discipline, input.metric))
        return ResetTrainingZonesPayload()
