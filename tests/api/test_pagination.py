"""Pages of a real table against the same pages cut from a list, for every combination of arguments."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import strawberry
from sqlalchemy import Column, DateTime, MetaData, Table, Uuid, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coachwatts.api.cursors import encode_cursor
from coachwatts.api.pagination import Connection, PageArguments, Pages, connect
from coachwatts.db.engine import Database
from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.errors import ErrorCode, InvalidInput
from coachwatts.ids import new_id

METADATA = MetaData()
RIDES = Table("rides", METADATA, Column("at", DateTime(timezone=True)), Column("id", Uuid), prefixes=["TEMPORARY"])
START = datetime(2026, 1, 1, tzinfo=UTC)


def keyset(*, descending: bool) -> Keyset:
    return Keyset("rides", (RIDES.c.at, RIDES.c.id), descending=descending)


@dataclass
class Rides:
    connection: AsyncConnection
    statements: int = 0

    async def add(self, *days: int) -> list[UUID]:
        added = [new_id() for _ in days]
        await self.connection.execute(
            insert(RIDES), [{"at": START + timedelta(days=day), "id": key} for day, key in zip(days, added, strict=True)]
        )
        return added

    def pages(self, order: Keyset) -> Pages[Any]:
        async def fetch(window: Window) -> Page[Any]:
            self.statements += 1
            rows = (await self.connection.execute(order.limit(select(RIDES), window))).all()
            return cut(rows, window)

        async def count() -> int:
            self.statements += 1
            return (await self.connection.execute(select(func.count()).select_from(RIDES))).scalar_one()

        return Pages(order, fetch, count)

    async def page(self, order: Keyset | None = None, **arguments: Any) -> Connection[UUID]:
        return await connect(self.pages(order or keyset(descending=True)), PageArguments(**arguments), lambda row: row.id)


@pytest.fixture
async def rides(db: Database) -> AsyncIterator[Rides]:
    async with db.engine.connect() as connection:
        await connection.run_sync(METADATA.create_all)
        yield Rides(connection)
        await connection.rollback()


def ids(page: Connection[UUID]) -> list[UUID]:
    return [edge.node for edge in page.edges]


def ends(page: Connection[UUID]) -> tuple[str, str]:
    assert page.page_info.start_cursor
    assert page.page_info.end_cursor
    return page.page_info.start_cursor, page.page_info.end_cursor


@pytest.mark.parametrize("descending", [True, False])
async def test_every_window_is_what_the_whole_list_says(rides: Rides, descending: bool) -> None:
    await rides.add(1, 2, 2, 2, 3)  # equal moments: the id decides
    order = keyset(descending=descending)
    everything = await rides.page(order, first=100)
    whole, cursors = ids(everything), [edge.cursor for edge in everything.edges]
    places = [None, *range(len(whole))]
    for after, before, size, backward in itertools.product(places, places, (0, 1, 2, 5, 6), (False, True)):
        low, high = (0 if after is None else after + 1), (len(whole) if before is None else before)
        inside = list(range(low, high))
        expected = (inside[-size:] if size else []) if backward else inside[:size]
        cut_off = len(inside) > size
        page = await rides.page(
            order,
            **{"last" if backward else "first": size},
            after=None if after is None else cursors[after],
            before=None if before is None else cursors[before],
        )
        assert ids(page) == [whole[place] for place in expected]
        behind = before is not None if not backward or before is not None else False
        assert await page.page_info.has_next_page() is ((not backward and cut_off) or behind)
        ahead = after is not None
        assert await page.page_info.has_previous_page() is ((backward and cut_off) or ahead)


async def test_rows_that_come_and_go_shift_nothing(rides: Rides) -> None:
    old = await rides.add(10, 20, 30, 40)
    first = await rides.page(first=2)
    await rides.add(50, 35)
    await rides.connection.execute(RIDES.delete().where(RIDES.c.id == old[3]))
    second = await rides.page(first=10, after=ends(first)[1])
    assert ids(first) + ids(second) == old[::-1]


async def test_a_cursor_works_after_its_row_is_gone(rides: Rides) -> None:
    old = await rides.add(10, 20, 30)
    first = await rides.page(first=2)
    await rides.connection.execute(RIDES.delete().where(RIDES.c.id == old[1]))
    assert ids(await rides.page(first=2, after=ends(first)[1])) == [old[0]]


async def test_what_nobody_asks_for_is_not_read(rides: Rides) -> None:
    await rides.add(1, 2, 3)
    page = await rides.page(first=2)
    assert await page.page_info.has_next_page() is True
    assert await page.page_info.has_previous_page() is False
    assert rides.statements == 1
    assert await page.total_count() == 3
    assert rides.statements == 2


async def test_an_empty_list_has_no_cursors(rides: Rides) -> None:
    page = await rides.page(first=5)
    assert (page.edges, page.page_info.start_cursor, page.page_info.end_cursor) == ([], None, None)


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ({}, "first", ErrorCode.REQUIRED),
        ({"first": 1, "last": 1}, "first", ErrorCode.REQUIRED),
        ({"first": 101}, "first", ErrorCode.OUT_OF_RANGE),
        ({"last": -1}, "last", ErrorCode.OUT_OF_RANGE),
        ({"first": 1, "after": "%%%"}, "after", ErrorCode.INVALID),
        ({"last": 1, "before": encode_cursor(Keyset("others", ()), ())}, "before", ErrorCode.INVALID),
    ],
)
async def test_wrong_arguments_are_named(rides: Rides, arguments: dict[str, Any], field: str, code: ErrorCode) -> None:
    with pytest.raises(InvalidInput) as refused:
        await rides.page(**arguments)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ((field,), code)


async def test_a_connection_in_a_schema_has_the_shape_that_relay_wants() -> None:
    @strawberry.type
    class Ride:
        id: strawberry.ID

    @strawberry.type
    class Query:
        @strawberry.field
        async def rides(
            self, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
        ) -> Connection[Ride]:
            raise NotImplementedError

    printed = strawberry.Schema(query=Query).as_str()
    assert "type RideConnection {" in printed
    assert "edges: [RideEdge!]!" in printed
    assert "node: Ride!" in printed
    assert "pageInfo: PageInfo!" in printed
    assert "hasNextPage: Boolean!" in printed
    assert "totalCount: Int!" in printed
