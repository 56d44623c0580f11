"""Changing thresholds. Setting needs no idempotency key: a discipline has one threshold a day, and saying it twice says it once."""

from datetime import date
from typing import Self

import strawberry

from coachwatts.api.athletes.inputs import author_of, given, threshold_key
from coachwatts.api.athletes.thresholds import Threshold
from coachwatts.api.athletes.words import WRITE
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.warnings import InputWarning
from coachwatts.athletes import thresholds
from coachwatts.athletes.rules import Values
from coachwatts.athletes.thresholds import Saved
from coachwatts.models.athlete import Discipline, ThresholdKind

UNSET = strawberry.UNSET


@strawberry.input
class ThresholdValuesInput:
    ftp_watts: int | None = strawberry.field(default=UNSET, description="Functional threshold power in W, 1 to 699.")
    cp_watts: int | None = strawberry.field(default=UNSET, description="Critical power in W, 1 to 699.")
    w_prime_j: int | None = strawberry.field(default=UNSET, description="W' in J, 1 to 100,000.")
    lthr: int | None = strawberry.field(default=UNSET, description="Heart rate at threshold in bpm, 20 to 260, below the maximum.")
    max_hr: int | None = strawberry.field(default=UNSET, description="Maximum heart rate in bpm, 20 to 260.")
    resting_hr: int | None = strawberry.field(default=UNSET, description="Resting heart rate in bpm, 20 to 260, below the others.")
    threshold_speed_ms: float | None = strawberry.field(default=UNSET, description="Speed at threshold in m/s, 0.1 to 20.")
    css_ms: float | None = strawberry.field(default=UNSET, description="Critical swim speed in m/s, 0.1 to 5.")

    def values(self) -> Values:
        return {ThresholdKind(name): value for name, value in given(self).items() if name in set(ThresholdKind)}


@strawberry.input(description="Values of a discipline from a day on. What is left out stays, null clears what that day says.")
class SetThresholdInput(ThresholdValuesInput):
    discipline: Discipline = strawberry.field(description="What the values belong to.")
    effective_from: date = strawberry.field(description="From which local day on they are valid; not in the future.")


@strawberry.input(description="What is to change. What is left out stays, null clears.")
class UpdateThresholdInput(ThresholdValuesInput):
    id: strawberry.ID = strawberry.field(description="Which threshold.")
    effective_from: date | None = strawberry.field(default=None, description="From which local day on it is valid, when that changes.")


@strawberry.input(description="Which threshold to remove.")
class DeleteThresholdInput:
    id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.type
class SavedThreshold(Payload):
    threshold: Threshold | None = strawberry.field(default=None, description="The threshold as it is now.")
    warnings: list[InputWarning] = strawberry.field(default_factory=list, description="What was accepted but is worth a second look.")

    @classmethod
    def of(cls, saved: Saved) -> Self:
        warnings = [InputWarning.about(doubt.field, doubt.message) for doubt in saved.doubts]
        return cls(threshold=Threshold.from_row(saved.threshold), warnings=warnings)


@strawberry.type(description="The threshold that was set.")
class SetThresholdPayload(SavedThreshold):
    pass


@strawberry.type(description="The threshold that was changed.")
class UpdateThresholdPayload(SavedThreshold):
    pass


@strawberry.type(description="The threshold that is gone.")
class DeleteThresholdPayload(Payload):
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="Its id, which means nothing any more.")


@strawberry.type
class ThresholdMutations:
    @mutation(description="Set values of a discipline from a day on. A day has one threshold: its other values stay.", scopes=WRITE)
    async def set_threshold(self, info: Info, input: SetThresholdInput) -> SetThresholdPayload:
        author, athlete_id = author_of(info.context)
        discipline, day, values = input.discipline, input.effective_from, input.values()
        async with info.context.write() as session:
            saved = await thresholds.set_on_day(session, author, athlete_id, discipline=discipline, day=day, values=values)
        return SetThresholdPayload.of(saved)

    @mutation(description="Change a threshold, or the day that it begins.", scopes=WRITE)
    async def update_threshold(self, info: Info, input: UpdateThresholdInput) -> UpdateThresholdPayload:
        author, athlete_id = author_of(info.context)
        wanted = threshold_key(input.id, athlete_id)
        async with info.context.write() as session:
            saved = await thresholds.update(session, author, athlete_id, wanted, values=input.values(), day=input.effective_from)
        return UpdateThresholdPayload.of(saved)

    @mutation(description="Remove a threshold. What was valid before is valid again.", scopes=WRITE)
    async def delete_threshold(self, info: Info, input: DeleteThresholdInput) -> DeleteThresholdPayload:
        author, athlete_id = author_of(info.context)
        wanted = threshold_key(input.id, athlete_id)
        async with info.context.write() as session:
            await thresholds.remove(session, author, athlete_id, wanted)
        return DeleteThresholdPayload(deleted_id=input.id)
