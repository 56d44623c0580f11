"""`node(id)`: everything that has an identity can be fetched again by it. Types register how."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.errors import ErrorCode, InvalidInput

Fetch = Callable[[Context, GlobalId], Awaitable["Node | None"]]
MOST = 100
_fetchers: dict[str, Fetch] = {}


@strawberry.interface(description="Something with an identity that lasts: it can be fetched again with node(id).")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id. Opaque: never take it apart.", metadata={"scopes": ()})


def fetched_by(type_name: str) -> Callable[[Fetch], Fetch]:
    """The fetcher checks access first, and answers None for what is foreign as for what is not there."""

    def register(fetch: Fetch) -> Fetch:
        if type_name in _fetchers:
            raise ValueError(f"{type_name} is fetched twice")
        _fetchers[type_name] = fetch
        return fetch

    return register


async def fetch(context: Context, text: str) -> Any:
    wanted = GlobalId.parse(text)
    fetcher = _fetchers.get(wanted.type) if wanted else None
    return await fetcher(context, wanted) if wanted and fetcher else None


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="Fetch anything by its global id. Null when there is nothing that you may see.", metadata={"scopes": NO_TOKEN}
    )
    async def node(self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]) -> Node | None:
        found: Node | None = await fetch(info.context, id)
        return found

    @strawberry.field(
        description="Fetch several things by their global ids, in that order; null where there is nothing that you may see.",
        metadata={"scopes": NO_TOKEN, "each": "ids"},
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"Their global ids, at most {MOST}.")]
    ) -> list[Node | None]:
        if len(ids) > MOST:
            raise InvalidInput.of("ids", f"At most {MOST} ids at once.", ErrorCode.TOO_LONG)
        found: list[Node | None] = await gather(*(fetch(info.context, wanted) for wanted in ids))  # at once, so that loaders batch them
        return found
