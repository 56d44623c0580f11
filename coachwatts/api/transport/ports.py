"""What the transport needs from the rest of the application."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from starlette.requests import HTTPConnection
from starlette.responses import Response


class OperationContext(Protocol):
    """What resolvers find as `info.context`. One per operation, and a renewed one per event of a subscription."""

    @property
    def request_id(self) -> str: ...

    @property
    def budget_key(self) -> str:
        """Whose bucket pays: the user's, or the address's while nobody is signed in."""

    def renewed(self) -> Self:
        """For the next event of a subscription: the same person, empty loaders."""

    def refuse_scopes(self, scopes: frozenset[str]) -> None:
        """Raises NotAllowed when the credential is a token that may not do this."""


ConnectionParams = Mapping[str, Any]
GetContext = Callable[[HTTPConnection, Response | None, ConnectionParams | None], Awaitable[Any]]
"""Credentials to context. The response is where cookies go (none for sockets and streams); the parameters are a socket's own."""

IsCurrent = Callable[[Any], Awaitable[bool]]
"""Whether the credential that came with this context is good: asked when a socket opens and from time to time after that."""


@dataclass(frozen=True, slots=True)
class Balance:
    remaining: int
    reset_s: float
    """Seconds until the bucket is full again."""


class Purse(Protocol):
    """Points per user or address, for all processes together."""

    async def take(self, key: str, points: int) -> Balance:
        """Raises RateLimited."""

    async def give_back(self, key: str, points: int) -> Balance: ...
