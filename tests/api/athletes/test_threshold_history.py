from typing import Any

import pytest

from tests.kit.api import Failed, Person
from tests.kit.athletes import threshold

DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]


@pytest.fixture
async def rider(ada: Person) -> Person:
    for number, day in enumerate(DAYS):
        await threshold(ada, "RIDE", day, ftpWatts=200 + number)
    await threshold(ada, "RUN", "2026-01-02", lthr=170)
    return ada


async def page(person: Person, **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await person.run("Thresholds", **arguments))["viewer"]["thresholds"]
    return found


def days(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["effectiveFrom"] for edge in found["edges"]]


async def test_the_newest_come_first_a_page_at_a_time(rider: Person) -> None:
    first = await page(rider, first=2)
    assert days(first) == ["2026-01-04", "2026-01-03"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert first["totalCount"] == 5
    rest = await page(rider, first=10, after=first["pageInfo"]["endCursor"])
    assert days(rest) == ["2026-01-02", "2026-01-02", "2026-01-01"]
    assert rest["pageInfo"]["hasNextPage"] is False
    back = await page(rider, last=1, before=rest["pageInfo"]["startCursor"])
    assert days(back) == ["2026-01-03"]


async def test_what_is_added_meanwhile_shifts_no_page(rider: Person) -> None:
    first = await page(rider, first=2)
    await threshold(rider, "RIDE", "2026-01-10", ftpWatts=230)
    rest = await page(rider, first=2, after=first["pageInfo"]["endCursor"])
    assert days(rest) == ["2026-01-02", "2026-01-02"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"discipline": "RUN"}, ["2026-01-02"]),
        ({"discipline": "RIDE", "since": "2026-01-03"}, ["2026-01-04", "2026-01-03"]),
        ({"until": "2026-01-01"}, ["2026-01-01"]),
        ({"since": "2026-01-02", "until": "2026-01-02"}, ["2026-01-02", "2026-01-02"]),
        ({"status": "PROPOSED"}, []),
        ({"status": "ACTIVE", "discipline": "SWIM"}, []),
    ],
)
async def test_filters_narrow_before_the_page_is_cut(rider: Person, chosen: dict[str, str], expected: list[str]) -> None:
    found = await page(rider, first=2, filter=chosen)
    assert (days(found), found["totalCount"]) == (expected, len(expected))


async def test_a_page_has_a_size_and_a_cursor_of_this_list(rider: Person) -> None:
    for wrong in ({}, {"first": 101}, {"first": -1}, {"first": 1, "last": 1}, {"first": 1, "after": "nonsense"}):
        with pytest.raises(Failed):
            await page(rider, **wrong)


async def test_somebody_elses_history_stays_theirs(rider: Person, bob: Person) -> None:
    assert (await page(bob, first=10))["edges"] == []
    cursor = (await page(rider, first=1))["pageInfo"]["endCursor"]
    assert (await page(bob, first=10, after=cursor))["edges"] == []
