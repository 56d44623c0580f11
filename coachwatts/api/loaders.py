"""Batches the look-ups of sibling fields into one query each.

    class ZonesBySport(Loader[UUID, list[Zone]]):
        async def fetch(self, session, keys):
            return await repository.zones_of(session, keys)

    zones = await info.context.loaders.load(ZonesBySport, athlete_id)

A loader comes to life in a context when it is first used; there is no central list. Each batch opens its own session, because
sibling fields run at the same time and a session must not.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar

from strawberry.dataloader import DataLoader

from coachwatts.db.session import ReadSession

MAX_BATCH = 100

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


class Reads(Protocol):
    def read(self) -> AbstractAsyncContextManager[ReadSession]: ...


class Loader(ABC, Generic[K, V_co]):
    """Named `<Things>By<Key>`. Never instantiated by hand."""

    def __init__(self, context: Reads) -> None:
        self._context = context
        self.batches: DataLoader[K, V_co | None] = DataLoader(self._fetch_batch, max_batch_size=MAX_BATCH)

    @abstractmethod
    async def fetch(self, session: ReadSession, keys: Sequence[K]) -> Mapping[K, V_co]:
        """What there is for these keys, at most 100 and each only once; the others load as None."""

    def open(self) -> AbstractAsyncContextManager[ReadSession]:
        return self._context.read()

    async def _fetch_batch(self, keys: list[K]) -> list[V_co | None]:
        async with self.open() as session:
            found = await self.fetch(session, keys)
        return [found.get(key) for key in keys]


class Loaders:
    """The loaders of one operation."""

    def __init__(self, context: Reads) -> None:
        self._context = context
        self._known: dict[type[Loader[Any, Any]], Loader[Any, Any]] = {}

    async def load(self, kind: type[Loader[K, V]], key: K) -> V | None:
        return await self._of(kind).batches.load(key)

    async def load_many(self, kind: type[Loader[K, V]], keys: Iterable[K]) -> list[V | None]:
        return await self._of(kind).batches.load_many(keys)

    def forget(self) -> None:
        """Whatever was read so far may be changed now."""
        self._known.clear()

    def _of(self, kind: type[Loader[K, V]]) -> Loader[K, V]:
        if kind not in self._known:
            self._known[kind] = kind(self._context)
        return self._known[kind]
