"""How long a lease lasts and how often workers look. One setting; the rest follows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from coachwatts.config import Settings


@dataclass(frozen=True, slots=True)
class Timing:
    lease_s: float = 30
    poll_s: float = 5
    grace_s: float = 8

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.job_lease_s, settings.job_poll_s, settings.job_grace_s)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_s)

    @property
    def beat_s(self) -> float:
        """Two beats may be lost before the lease is."""
        return self.lease_s / 3

    @property
    def sweep_s(self) -> float:
        return self.lease_s / 3
