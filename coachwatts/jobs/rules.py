"""When a job that failed runs again, and when it does not. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from coachwatts.errors import RateLimited
from coachwatts.jobs.errors import GiveUp, RetryLater

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 3600.0
Uniform = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Again:
    """Back into the queue."""

    after: timedelta
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Never:
    """A dead letter, until somebody looks at it."""


def backoff(attempt: int, uniform: Uniform = random.uniform) -> timedelta:
    """Full jitter: anything up to a bound that doubles with each attempt, so that those who failed together don't return together."""
    bound = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt - 1, 30))
    return timedelta(seconds=uniform(0, bound))


def after_failure(error: Exception, attempt: int, most: int) -> Again | Never:
    match error:
        case GiveUp():
            return Never()
        case RetryLater():
            return Again(error.after, counts=False)
        case RateLimited():
            return Again(timedelta(seconds=error.retry_after_s), counts=False)
        case _:
            return after_crash(attempt, most)


def after_crash(attempt: int, most: int) -> Again | Never:
    return Never() if attempt >= most else Again(backoff(attempt))
