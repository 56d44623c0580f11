"""Relay connections over keyset pages.

    async def workouts(self, info: Info, first: First = None, after: After = None,
                       last: Last = None, before: Before = None) -> Connection[Workout]:
        pages = Pages(BY_START, fetch=…, count=…)
        return await connect(pages, PageArguments(first, after, last, before), Workout.from_row)

`fetch` and `count` open their own sessions: the count is read only when it is asked for, and so is whether rows lie on the far
side of the page, which no client asks for by accident.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import strawberry

from coachwatts.api.cursors import decode_cursor, encode_cursor
from coachwatts.api.transport.cost import page_size
from coachwatts.db.keyset import Keyset, Page, Window

First: TypeAlias = Annotated[int | None, strawberry.argument(description="How many from the beginning of the list, at most 100.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="Cursor: only what comes after it.")]
Last: TypeAlias = Annotated[int | None, strawberry.argument(description="How many from the end of the list, at most 100.")]
Before: TypeAlias = Annotated[str | None, strawberry.argument(description="Cursor: only what comes before it.")]

N = TypeVar("N")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PageArguments:
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def window(self, keyset: Keyset) -> Window:
        """Raises InvalidInput."""
        return Window(
            limit=page_size(self.first, self.last),
            after=None if self.after is None else decode_cursor(keyset, self.after, "after"),
            before=None if self.before is None else decode_cursor(keyset, self.before, "before"),
            backward=self.last is not None,
        )


@dataclass(frozen=True, slots=True)
class Pages(Generic[R]):
    """A list that can be read a page at a time."""

    keyset: Keyset
    fetch: Callable[[Window], Awaitable[Page[R]]]
    count: Callable[[], Awaitable[int]]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge of this page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge of this page.")
    pages: strawberry.Private[Pages[Any]]
    window: strawberry.Private[Window]
    page: strawberry.Private[Page[Any]]

    @strawberry.field(description="Whether the list goes on behind this page.")
    async def has_next_page(self) -> bool:
        if self.page.more and not self.window.backward:
            return True
        return self.window.before is not None and await self._any_beyond(-1)

    @strawberry.field(description="Whether the list has something before this page.")
    async def has_previous_page(self) -> bool:
        if self.page.more and self.window.backward:
            return True
        return self.window.after is not None and await self._any_beyond(0)

    async def _any_beyond(self, end: int) -> bool:
        """An empty page between two cursors has the whole list beyond it."""
        key = self.pages.keyset.key_of(self.page.rows[end]) if self.page.rows else None
        window = Window(1, before=key, backward=True) if end == 0 else Window(1, after=key)
        return bool((await self.pages.fetch(window)).rows)


@strawberry.type(description="A place in a list and what stands there.")
class Edge(Generic[N]):
    cursor: str = strawberry.field(description="Give it as 'after' or 'before' to go on from here.")
    node: N = strawberry.field(description="What stands here.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[N]):
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    edges: list[Edge[N]] = strawberry.field(description="What is on this page, in the order of the list.")
    pages: strawberry.Private[Pages[Any]]

    @strawberry.field(description="How many there are in the whole list. Counted only when asked for.", metadata={"cost": 5})
    async def total_count(self) -> int:
        return await self.pages.count()


async def connect(pages: Pages[R], arguments: PageArguments, node: Callable[[R], N]) -> Connection[N]:
    window = arguments.window(pages.keyset)
    page = await pages.fetch(window)
    edges = [Edge(cursor=encode_cursor(pages.keyset, pages.keyset.key_of(row)), node=node(row)) for row in page.rows]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    info = PageInfo(start_cursor=ends[0], end_cursor=ends[1], pages=pages, window=window, page=page)
    return Connection(page_info=info, edges=edges, pages=pages)
