from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.ids import new_id
from coachwatts.models.user import UserAccount


def somebody() -> UserAccount:
    user_id = new_id()
    return UserAccount(id=user_id, email=f"{user_id.hex}@example.org", name="")


async def test_leaving_a_write_commits_and_an_error_rolls_back(db: Database) -> None:
    kept, dropped = somebody(), somebody()
    async with db.write(Scope.own(kept.id)) as session:
        session.add(kept)
    with pytest.raises(ZeroDivisionError):
        async with db.write(Scope.own(dropped.id)) as session:
            session.add(dropped)
            await session.flush()
            raise ZeroDivisionError
    async with db.read(Scope(accounts=frozenset({kept.id, dropped.id}))) as session:
        assert await session.get(UserAccount, kept.id)
        assert await session.get(UserAccount, dropped.id) is None


async def test_writing_through_a_reading_session_is_refused_by_the_database(db: Database) -> None:
    account = somebody()
    with pytest.raises(DBAPIError, match="read-only"):
        async with db.read(Scope.own(account.id)) as session:
            session.add(account)
            await session.flush()


async def test_a_returned_connection_keeps_no_scope(db: Database) -> None:
    account = somebody()
    async with db.write(Scope.own(account.id)) as session:
        session.add(account)
    async with db.engine.connect() as connection:
        for _ in range(5):
            assert await connection.scalar(text("SELECT count(*) FROM user_account")) == 0


@dataclass
class Bell:
    rung: int = 0

    async def ring(self) -> None:
        self.rung += 1


async def test_follow_ups_run_after_the_commit_and_not_after_a_rollback(db: Database) -> None:
    bell = Bell()
    async with db.write(Scope.nobody()) as session:
        session.after_commit.append(bell.ring)
        assert bell.rung == 0
    assert bell.rung == 1
    with pytest.raises(ZeroDivisionError):
        async with db.write(Scope.nobody()) as session:
            session.after_commit.append(bell.ring)
            raise ZeroDivisionError
    assert bell.rung == 1


async def test_a_follow_up_that_fails_does_not_undo_the_commit(db: Database) -> None:
    account = somebody()

    async def fail() -> None:
        raise ConnectionError

    async with db.write(Scope.own(account.id)) as session:
        session.add(account)
        session.after_commit.append(fail)
    async with db.read(Scope.own(account.id)) as reading:
        assert await reading.get(UserAccount, account.id)


async def test_with_one_url_for_everything_transactions_step_down_from_the_owner(settings: Settings) -> None:
    assert settings.direct_url
    only_owner = settings.model_copy(update={"database_url": SecretStr(settings.direct_url.get_secret_value()), "direct_url": None})
    database, account = Database(only_owner), somebody()
    try:
        async with database.write(Scope.own(account.id)) as session:
            assert await session.scalar(text("SELECT current_user")) == "coachwatts_app"
            session.add(account)
        async with database.read(Scope.nobody()) as reading:
            assert await reading.scalar(text("SELECT count(*) FROM user_account")) == 0
    finally:
        await database.close()


async def test_updated_at_moves_by_itself_and_is_read_back(db: Database) -> None:
    account = somebody()
    async with db.write(Scope.own(account.id)) as session:
        session.add(account)
    before = account.updated_at
    async with db.write(Scope.own(account.id)) as session:
        found = await session.get(UserAccount, account.id)
        assert found
        found.name = "Grace"
        await session.flush()
        assert found.updated_at > before


async def test_a_statement_that_takes_too_long_is_stopped(db: Database) -> None:
    with pytest.raises(DBAPIError, match="statement timeout"):
        async with db.read(Scope.nobody()) as session:
            await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
            await session.execute(text("SELECT pg_sleep(5)"))
