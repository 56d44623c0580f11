from typing import Any, cast

import pytest

from coachwatts.api.context import Context
from coachwatts.identity.viewer import Client

NOTHING = cast("Any", None)


def budget_of(ip: str | None) -> str:
    return Context(NOTHING, Client(ip=ip), NOTHING).budget_key


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_who_is_not_signed_in_pays_with_the_whole_household(one: str, other: str, shared: bool) -> None:
    assert (budget_of(one) == budget_of(other)) is shared
