from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from coachwatts.security.lockout import rest_after


def test_five_failures_cost_a_minute_and_each_more_the_double() -> None:
    minutes = [rest_after(failures) / timedelta(minutes=1) for failures in range(14)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(0, 10**9))
def test_one_more_failure_never_shortens_the_rest(failures: int) -> None:
    assert timedelta() <= rest_after(failures) <= rest_after(failures + 1) <= timedelta(hours=1)


@given(st.integers(5, 10**9))
def test_from_the_fifth_failure_on_there_is_always_a_rest(failures: int) -> None:
    assert rest_after(failures) >= timedelta(minutes=1)
