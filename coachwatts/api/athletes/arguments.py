"""Arguments that several fields take, with their words."""

from datetime import date
from typing import Annotated, TypeAlias

import strawberry

from coachwatts import clock
from coachwatts.models.athlete import Discipline

OfDiscipline: TypeAlias = Annotated[Discipline, strawberry.argument(description="For which discipline.")]
On: TypeAlias = Annotated[date | None, strawberry.argument(description="Local day of the athlete. Without it, today.")]


def today(timezone: str) -> date:
    return clock.local_day(clock.now(), timezone)
