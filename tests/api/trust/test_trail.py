from typing import Any

import pytest

from tests.kit.api import Api, Failed, Person
from tests.kit.statements import counted
from tests.kit.trust import let_coach, trail


async def page(person: Person, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = (await person.run("AuditEvents", **arguments))["viewer"]["auditEvents"]
    return found


async def rename(person: Person, *names: str) -> None:
    for name in names:
        await person.mutate("UpdateAccount", name=name)


def names_in(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["after"]["name"] for edge in connection["edges"]]


async def test_ones_own_deeds_are_there_with_what_changed_and_from_where(ada: Person) -> None:
    await rename(ada, "Augusta")
    line = (await trail(ada, "account.updated"))[0]
    assert (line["byMe"], line["actingAs"], line["before"], line["after"]) == (True, None, {"name": "Ada"}, {"name": "Augusta"})
    assert line["ip"].startswith("127.1.")
    assert (line["actor"]["name"], line["athlete"]["id"]) == ("Augusta", ada.id)


async def test_what_a_token_did_says_so(ada: Person) -> None:
    token = (await ada.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_WRITE"]))["token"]
    assert await Api(ada.http, token).codes("SetAvailabilityDay", weekday="MONDAY", minutes=60) == []
    assert "TOKEN" in {line["actingAs"] for line in await trail(ada)}


async def test_it_is_read_in_pages_from_either_end(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    names = [f"Ada {number}" for number in range(5)]
    for name in names:  # her own lines and those of others take turns
        await rename(ada, name)
        await carla.run("Athlete", id=ada.id)
    everything = await trail(ada)
    seen, after = [], None
    while True:
        found = await page(ada, first=3, after=after)
        seen += [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == everything
    assert [line["at"] for line in seen] == sorted((line["at"] for line in seen), reverse=True)
    oldest = await page(ada, last=4)
    assert [edge["node"] for edge in oldest["edges"]] == everything[-4:]
    earlier = await page(ada, last=4, before=oldest["pageInfo"]["startCursor"])
    assert [edge["node"] for edge in earlier["edges"]] == everything[-8:-4]


async def test_pages_stand_still_while_lines_are_added(ada: Person) -> None:
    await rename(ada, "one", "two", "three")
    first = await page(ada, first=1)
    await rename(ada, "four")
    second = await page(ada, first=2, after=first["pageInfo"]["endCursor"])
    assert [names_in(first), names_in(second)] == [["three"], ["two", "one"]]


async def test_nobody_reads_the_trail_of_another(ada: Person, bob: Person, rosa: Person) -> None:
    await rename(ada, "secret")
    for person in (bob, rosa):
        assert "secret" not in str([line["after"] for line in await trail(person)])


@pytest.mark.parametrize("arguments", [{}, {"first": 1, "last": 1}, {"first": 101}, {"first": -1}, {"first": 1, "after": "x"}])
async def test_a_page_has_a_size_and_cursors_are_ours(ada: Person, arguments: dict[str, object]) -> None:
    with pytest.raises(Failed):
        await page(ada, **arguments)


async def test_a_page_costs_the_same_however_many_people_are_in_it(ada: Person, carla: Person, rosa: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    await carla.run("Athlete", id=ada.id)
    await rosa.run("Athlete", id=ada.id)
    with counted() as statements:
        await trail(ada)
    assert len(statements) == 4, statements  # session, person, page, names
