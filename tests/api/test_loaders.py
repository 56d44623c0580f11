import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from coachwatts.api.loaders import MAX_BATCH, Loader, Loaders
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession


class Reading:
    """A context that counts its sessions."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sessions: list[ReadSession] = []

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        async with self.db.read(Scope.nobody()) as session:
            self.sessions.append(session)
            yield session


class SquaresByNumber(Loader[int, int]):
    async def fetch(self, session: ReadSession, keys: Sequence[int]) -> Mapping[int, int]:
        await session.connection()
        await asyncio.sleep(0.01)
        return {key: key * key for key in keys if key >= 0}


class CubesByNumber(SquaresByNumber):
    async def fetch(self, session: ReadSession, keys: Sequence[int]) -> Mapping[int, int]:
        return {key: key * value for key, value in (await super().fetch(session, keys)).items()}


async def test_siblings_share_one_batch_and_one_session(db: Database) -> None:
    context = Reading(db)
    loaders = Loaders(context)
    assert await asyncio.gather(*(loaders.load(SquaresByNumber, number % 5) for number in range(20))) == [0, 1, 4, 9, 16] * 4
    assert len(context.sessions) == 1


async def test_what_is_not_there_is_none(db: Database) -> None:
    loaders = Loaders(Reading(db))
    assert await loaders.load_many(SquaresByNumber, [2, -1]) == [4, None]


async def test_a_batch_has_at_most_a_hundred_keys(db: Database) -> None:
    context = Reading(db)
    await Loaders(context).load_many(SquaresByNumber, range(MAX_BATCH * 2 + 1))
    assert len(context.sessions) == 3


async def test_loaders_that_run_together_have_sessions_of_their_own(db: Database) -> None:
    context = Reading(db)
    loaders = Loaders(context)
    assert list(await asyncio.gather(loaders.load(SquaresByNumber, 3), loaders.load(CubesByNumber, 3))) == [9, 27]
    assert len({id(session) for session in context.sessions}) == 2


async def test_a_key_is_fetched_once_until_all_is_forgotten(db: Database) -> None:
    context = Reading(db)
    loaders = Loaders(context)
    for _ in range(2):
        await loaders.load(SquaresByNumber, 3)
    assert len(context.sessions) == 1
    loaders.forget()
    await loaders.load(SquaresByNumber, 3)
    assert len(context.sessions) == 2


async def test_nothing_is_shared_between_operations(db: Database) -> None:
    one, two = Reading(db), Reading(db)
    await Loaders(one).load(SquaresByNumber, 3)
    await Loaders(two).load(SquaresByNumber, 3)
    assert len(two.sessions) == 1
