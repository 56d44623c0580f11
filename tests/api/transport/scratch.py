"""A small schema with everything the transport has to cope with, and a context without a database."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import strawberry
from sqlalchemy import Integer, column
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import Response
from strawberry.types import Info

from coachwatts.api.pagination import Connection, PageArguments, Pages, connect
from coachwatts.api.transport.ports import Balance, ConnectionParams
from coachwatts.api.transport.request_id import request_id_of
from coachwatts.api.view import GraphQLApp, Policy
from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.errors import NotAllowed, NotFound, RateLimited, SessionExpired, Unauthenticated


@dataclass
class ScratchContext:
    connection: HTTPConnection
    response: Response | None
    token: str | None
    server: "Server"
    renewals: int = 0

    @property
    def request_id(self) -> str:
        return request_id_of(self.connection)

    @property
    def budget_key(self) -> str:
        return self.token or "nobody"

    def renewed(self) -> "ScratchContext":
        self.renewals += 1
        return replace(self)

    def refuse_scopes(self, scopes: frozenset[str]) -> None:
        if self.token == "narrow" and scopes:
            raise NotAllowed(f"This token lacks {', '.join(sorted(scopes))}.")


@strawberry.type
class Item:
    id: strawberry.ID
    name: str
    weight: int | None = None

    @strawberry.field
    def parent(self) -> "Item | None":
        return None

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> "ItemConnection":
        return connection(min(first or last or 0, 3))


@strawberry.type
class ItemEdge:
    cursor: str
    node: Item


@strawberry.type
class ItemConnection:
    edges: list[ItemEdge]
    nodes: list[Item]


def connection(size: int) -> ItemConnection:
    items = [Item(id=strawberry.ID(str(number)), name=f"item {number}", weight=number) for number in range(size)]
    return ItemConnection(edges=[ItemEdge(cursor=item.id, node=item) for item in items], nodes=items)


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Ride(Node):
    title: str


RIDES = [SimpleNamespace(number=number) for number in range(7)]
BY_NUMBER = Keyset("rides", (column("number", Integer),), descending=False)


async def rides_in(window: Window) -> Page[SimpleNamespace]:
    """A keyset page of a list; the real ones are pages of a table."""
    after, before = (window.after or (-1,))[0], (window.before or (len(RIDES),))[0]
    rows = [ride for ride in RIDES if after < ride.number < before]
    return cut((rows[::-1] if window.backward else rows)[: window.limit + 1], window)


async def count_rides() -> int:
    return len(RIDES)


def ride(row: SimpleNamespace) -> Ride:
    return Ride(id=strawberry.ID(f"ride-{row.number}"), title=f"Ride {row.number}")


@strawberry.type
class Query:
    @strawberry.field
    def node(self, id: strawberry.ID) -> Node | None:
        return Ride(id=id, title="Ride") if id.startswith("ride-") else None

    @strawberry.field
    async def rides(
        self, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> Connection[Ride]:
        return await connect(Pages(BY_NUMBER, rides_in, count_rides), PageArguments(first, after, last, before), ride)

    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def item(self, id: strawberry.ID | None = None) -> Item:
        return Item(id=id or strawberry.ID("1"), name="item")

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> ItemConnection:
        return connection(min(first or last or 0, 5))

    @strawberry.field(metadata={"cost": 400, "scopes": ["report:read"]})
    def report(self) -> str:
        return "long"

    @strawberry.field(metadata={"items": 50})
    def days(self) -> list[Item]:
        return connection(2).nodes

    @strawberry.field(metadata={"each": "ids"})
    def chosen(self, ids: list[strawberry.ID]) -> list[Item | None]:
        return [Item(id=each, name="item") for each in ids]

    @strawberry.field
    def scale(self, factor: int) -> int:
        return factor

    @strawberry.field
    def crash(self) -> str | None:
        raise ZeroDivisionError("the secret is 42")

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound

    @strawberry.field
    def private(self, info: Info[ScratchContext, None]) -> str:
        if info.context.token == "old":
            raise SessionExpired
        if info.context.token is None:
            raise Unauthenticated
        return info.context.token

    @strawberry.field
    async def slow(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @strawberry.field
    def broken(self) -> int:
        return "not a number"  # type: ignore[return-value]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign_in(self, info: Info[ScratchContext, None]) -> str:
        if info.context.response is None:
            return "no cookie here"
        info.context.response.set_cookie("cw", "fresh", httponly=True)
        return "ok"


@strawberry.type
class Tick:
    number: int

    @strawberry.field
    def renewals(self, info: Info[ScratchContext, None]) -> int:
        return info.context.renewals


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: Info[ScratchContext, None], count: int = 3, pause: float = 0.0) -> AsyncGenerator[int, None]:
        with info.context.server.subscribing():
            for number in range(count):
                yield number
                await asyncio.sleep(pause)

    @strawberry.subscription
    async def contexts(self) -> AsyncGenerator[Tick, None]:
        for number in range(2):
            yield Tick(number=number)

    @strawberry.subscription
    async def falls(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ZeroDivisionError("the secret is 42")

    @strawberry.subscription
    async def closed(self) -> AsyncGenerator[int, None]:
        if self is None:  # a generator that never gets to its first event
            raise NotAllowed("Not for you.")
        yield 1


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


@dataclass
class Purse:
    """One bucket for each key, without refill."""

    size: int = 100_000
    left: dict[str, int] = field(default_factory=dict)

    async def take(self, key: str, points: int) -> Balance:
        left = self.left.setdefault(key, self.size)
        if left < points:
            raise RateLimited("Too much for now.", retry_after_s=7.2)
        self.left[key] = left - points
        return Balance(self.left[key], 1.0)

    async def give_back(self, key: str, points: int) -> Balance:
        self.left[key] += points
        return Balance(self.left[key], 1.0)


@dataclass
class Server:
    """The endpoint in an app of its own; tests turn its knobs."""

    purse: Purse = field(default_factory=Purse)
    revoked: set[str] = field(default_factory=set)
    open_subscriptions: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def subscribing(self) -> Iterator[None]:
        self.open_subscriptions += 1
        self.idle.clear()
        try:
            yield
        finally:
            self.open_subscriptions -= 1
            if not self.open_subscriptions:
                self.idle.set()

    async def get_context(self, connection: HTTPConnection, response: Response | None, params: ConnectionParams | None) -> ScratchContext:
        token = connection.cookies.get("cw") or connection.headers.get("authorization") or (params or {}).get("authorization")
        if token == "crash":
            raise RuntimeError("the secret is 42")
        return ScratchContext(connection, response, token, self)

    async def is_current(self, context: ScratchContext) -> bool:
        return context.token not in self.revoked

    def app(self, policy: Policy, trusted: dict[str, str] | None = None) -> Starlette:
        graphql = GraphQLApp(
            schema, policy=policy, get_context=self.get_context, is_current=self.is_current, purse=self.purse, trusted=trusted or {}
        )
        return Starlette(routes=graphql.routes())


def development(**changes: Any) -> Policy:
    return Policy(own_origin="http://server.test", introspection=True, explains=True, **changes)


def production(**changes: Any) -> Policy:
    return Policy(own_origin="http://server.test", **changes)
