"""How a job says that it did not get done. Anything else it raises is retried with growing pauses, up to the kind's limit."""

from datetime import timedelta

from coachwatts.errors import CoachWattsError, Conflict


class RetryLater(CoachWattsError):
    """Nobody's fault: come back then. Does not count as an attempt."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(CoachWattsError):
    """Trying again cannot help, until somebody changes something."""


class LeaseLost(Conflict):
    """Somebody else has this job now, or it was cancelled. Whatever was under way must leave no trace."""

    def __init__(self) -> None:
        super().__init__("This job is somebody else's now.")
