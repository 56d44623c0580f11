"""Thresholds as they are read: the rows of the history, and what is valid on a day."""

from collections.abc import Iterable
from datetime import date, datetime

import strawberry

from coachwatts.api.athletes.words import AREA
from coachwatts.api.context import Context
from coachwatts.api.global_id import GlobalId
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.trust.sight import may_see
from coachwatts.athletes import rules
from coachwatts.athletes.repository import thresholds as repository
from coachwatts.athletes.rules import ValidValue
from coachwatts.models.athlete import Discipline, ThresholdKind, ThresholdSource, ThresholdStatus
from coachwatts.models.athlete import Threshold as Row


@strawberry.type
class ThresholdValues:
    """The kinds of values, for the row and for the view of a day."""

    ftp_watts: int | None = strawberry.field(description="Functional threshold power in W.")
    cp_watts: int | None = strawberry.field(description="Critical power in W.")
    w_prime_j: int | None = strawberry.field(description="Work above critical power until exhaustion, W', in J.")
    lthr: int | None = strawberry.field(description="Heart rate at threshold in bpm.")
    max_hr: int | None = strawberry.field(description="Maximum heart rate in bpm.")
    resting_hr: int | None = strawberry.field(description="Resting heart rate in bpm.")
    threshold_speed_ms: float | None = strawberry.field(description="Speed at threshold in m/s.")
    css_ms: float | None = strawberry.field(description="Critical swim speed in m/s.")


@strawberry.type(description="Values of one discipline from one day on, until the next value of the same kind.")
class Threshold(ThresholdValues, Node):
    discipline: Discipline = strawberry.field(description="What it belongs to.")
    effective_from: date = strawberry.field(description="The athlete's local day from which on it is valid.")
    source: ThresholdSource = strawberry.field(description="Who said it.")
    status: ThresholdStatus = strawberry.field(description="Whether it counts.")
    reason: str | None = strawberry.field(description="Why it is proposed.")
    created_at: datetime = strawberry.field(description="When it was entered.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @classmethod
    def from_row(cls, row: Row) -> "Threshold":
        return cls(
            id=strawberry.ID(str(GlobalId("Threshold", row.athlete_id, row.id.hex))),
            discipline=Discipline(row.discipline),
            effective_from=row.effective_from,
            source=ThresholdSource(row.source),
            status=ThresholdStatus(row.status),
            reason=row.reason,
            created_at=row.created_at,
            updated_at=row.updated_at,
            **{kind.value: getattr(row, kind) for kind in ThresholdKind},
        )


@fetched_by("Threshold")
async def _fetch(context: Context, wanted: GlobalId) -> Threshold | None:
    if wanted.key_as_uuid is None or not await may_see(context, wanted.athlete, AREA):
        return None
    async with context.read() as session:
        row = await repository.by_id(session, wanted.athlete, wanted.key_as_uuid)
    return Threshold.from_row(row) if row else None


@strawberry.type(description="A value and where it comes from.")
class ValidThreshold:
    kind: ThresholdKind = strawberry.field(description="Which value.")
    value: float = strawberry.field(description="The value, in the unit that its kind says.")
    discipline: Discipline = strawberry.field(description="Where it was entered: heart rates may come from another discipline.")
    effective_from: date = strawberry.field(description="Since when it is valid.")
    source: ThresholdSource = strawberry.field(description="Who said it.")

    @classmethod
    def from_value(cls, found: ValidValue) -> "ValidThreshold":
        return cls(
            kind=found.kind, value=found.value, discipline=found.discipline, effective_from=found.effective_from, source=found.source
        )


@strawberry.type(
    description="What is valid in a discipline on a day. Of each kind the latest value counts. Resting heart rate is the latest of any"
    " discipline; without a maximum heart rate of its own, a discipline has the highest of the others. Null is unknown."
)
class ThresholdsOnDay(ThresholdValues):
    discipline: Discipline = strawberry.field(description="The discipline that was asked about.")
    on: date = strawberry.field(description="The day that was asked about.")
    values: list[ValidThreshold] = strawberry.field(description="The known values, and where each comes from.")

    @classmethod
    def of(cls, history: Iterable[Row], discipline: Discipline, on: date) -> "ThresholdsOnDay":
        valid = rules.valid_on(history, discipline, on)
        figures = {kind.value: valid[kind].value if kind in valid else None for kind in ThresholdKind}
        values = [ValidThreshold.from_value(valid[kind]) for kind in ThresholdKind if kind in valid]
        return cls(discipline=discipline, on=on, values=values, **figures)  # type: ignore[arg-type]  # whole kinds hold whole numbers
