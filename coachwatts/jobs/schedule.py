"""Regular jobs. Pure: the last due time follows from the clock, so a tick that was missed is still seen later, once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday, so that a weekly job counts from one


@dataclass(frozen=True, slots=True)
class Every:
    """`Every("send_digest", timedelta(days=7), at=timedelta(days=6, hours=18))` is due on Sundays at 18:00 UTC."""

    kind: str
    period: timedelta
    at: timedelta = timedelta()

    def __post_init__(self) -> None:
        if self.period < timedelta(minutes=1) or not timedelta() <= self.at < self.period:
            raise ValueError(f"{self.kind}: a period is a minute at least, and `at` lies within it")

    def last_due(self, now: datetime) -> datetime:
        start = EPOCH + self.at
        return start + (now - start) // self.period * self.period
