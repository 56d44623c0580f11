"""How long an account rests after wrong passwords."""

from datetime import timedelta

FREE_FAILURES = 4
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)


def rest_after(failures: int) -> timedelta:
    """Failures in a row, this one included: none up to 4, then 1, 2, 4 … minutes, an hour at most."""
    if failures <= FREE_FAILURES:
        return timedelta()
    doublings = min(failures - FREE_FAILURES - 1, 6)  # six reach the hour; the number of failures has no end
    return min(FIRST_REST * (1 << doublings), LONGEST_REST)
