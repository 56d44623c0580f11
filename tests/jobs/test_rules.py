"""Pauses and ends, as arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.errors import RateLimited
from coachwatts.jobs.errors import GiveUp, RetryLater
from coachwatts.jobs.rules import FIRST_PAUSE_S, LONGEST_PAUSE_S, Again, Never, after_failure, backoff
from coachwatts.jobs.schedule import Every

ATTEMPTS = st.integers(1, 1000)


@given(ATTEMPTS)
def test_a_pause_is_never_negative_and_never_above_its_bound(attempt: int) -> None:
    bound = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1))
    assert 0 <= backoff(attempt).total_seconds() <= bound


@given(ATTEMPTS)
def test_the_bound_doubles_up_to_an_hour(attempt: int) -> None:
    def highest(number: int) -> float:
        return backoff(number, uniform=lambda _, high: high).total_seconds()

    assert highest(attempt + 1) == min(LONGEST_PAUSE_S, 2 * highest(attempt))


def test_the_jitter_is_full() -> None:
    pauses = [backoff(5).total_seconds() for _ in range(2000)]
    bound = FIRST_PAUSE_S * 16
    assert min(pauses) < bound * 0.05
    assert max(pauses) > bound * 0.95
    assert sum(pauses) / len(pauses) == pytest.approx(bound / 2, rel=0.1)


@given(ATTEMPTS, ATTEMPTS)
def test_each_failure_has_its_rule(attempt: int, most: int) -> None:
    assert after_failure(GiveUp("no"), attempt, most) == Never()
    assert after_failure(RetryLater(timedelta(minutes=3), "later"), attempt, most) == Again(timedelta(minutes=3), counts=False)
    assert after_failure(RateLimited("later", retry_after_s=9), attempt, most) == Again(timedelta(seconds=9), counts=False)
    assert (after_failure(OSError(), attempt, most) == Never()) == (attempt >= most)


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
PERIODS = st.timedeltas(timedelta(minutes=1), timedelta(days=40))


@given(MOMENTS, PERIODS, st.floats(0, 0.999))
def test_the_last_due_time_is_past_and_less_than_a_period_ago(now: datetime, period: timedelta, share: float) -> None:
    due = Every("x", period, at=period * share).last_due(now)
    assert timedelta() <= now - due < period


@given(MOMENTS, PERIODS)
def test_due_times_stay_put_until_the_next(now: datetime, period: timedelta) -> None:
    every = Every("x", period)
    due = every.last_due(now)
    assert every.last_due(due) == due
    assert every.last_due(due + period) == due + period


def test_a_weekly_job_has_its_weekday_and_hour() -> None:
    sunday_evening = Every("x", timedelta(days=7), at=timedelta(days=6, hours=18))
    assert sunday_evening.last_due(datetime(2026, 11, 20, 12, tzinfo=UTC)) == datetime(2026, 11, 15, 18, tzinfo=UTC)


@pytest.mark.parametrize(("period", "at"), [(timedelta(seconds=59), timedelta()), (timedelta(hours=1), timedelta(hours=1))])
def test_a_schedule_that_cannot_be_meant_is_refused(period: timedelta, at: timedelta) -> None:
    with pytest.raises(ValueError, match="a period is a minute at least"):
        Every("x", period, at)
