"""The time, and the athlete's day. Everything that needs 'now' asks here, so that tests can turn the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift: ContextVar[timedelta] = ContextVar("clock_shift", default=timedelta())


def now() -> datetime:
    return datetime.now(UTC) + _shift.get()


def local_day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()


@contextmanager
def turned_by(shift: timedelta) -> Iterator[None]:
    """Move the clock for the code inside, on top of any shift already there."""
    token = _shift.set(_shift.get() + shift)
    try:
        yield
    finally:
        _shift.reset(token)
