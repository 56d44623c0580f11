"""Everything that is bound to a transaction stays in it when connections change hands between transactions."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from coachwatts.config import Settings, WrongSetting
from coachwatts.db.engine import Database, owner_engine
from coachwatts.db.scope import Scope
from coachwatts.ids import new_id
from coachwatts.models.user import UserAccount
from tests.kit.pgbouncer import pgbouncer


@pytest.fixture
async def pooled(settings: Settings) -> AsyncIterator[Database]:
    assert settings.database_url
    async with pgbouncer(settings.database_url.get_secret_value()) as url:
        database = Database(settings.model_copy(update={"database_url": SecretStr(url), "db_pooler": True}))
        yield database
        await database.close()


def test_the_owner_goes_past_the_pooler(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="DIRECT_URL"):
        owner_engine(settings.model_copy(update={"direct_url": None, "db_pooler": True}))


async def test_scopes_and_statements_survive_a_transaction_pooler(pooled: Database) -> None:
    async def live() -> None:
        """One person who writes and reads many short transactions beside the others."""
        user_id = new_id()
        async with pooled.write(Scope.own(user_id)) as session:
            session.add(UserAccount(id=user_id, email=f"{user_id.hex}@example.org", name=""))
        for number in range(10):
            async with pooled.write(Scope.own(user_id)) as session:
                account = await session.get(UserAccount, user_id)
                assert account
                account.name = f"round {number}"
            async with pooled.read(Scope.own(user_id)) as session:
                assert list(await session.scalars(select(UserAccount.name))) == [f"round {number}"]

    await asyncio.gather(*(live() for _ in range(12)))
    async with pooled.read(Scope.nobody()) as session:
        assert await session.scalar(select(func.count()).select_from(UserAccount)) == 0
