"""The database keeps people apart by itself: proven as the raw application role, for every table there is."""

from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import Table

from coachwatts.config import Settings
from coachwatts.models.base import Base, TableClass, owners_of, tables_of
from tests.kit.rows import person, some_row

ATHLETE_TABLES = tables_of(TableClass.ATHLETE)
ACCOUNT_TABLES = tables_of(TableClass.ACCOUNT)
INSTANCE_TABLES = tables_of(TableClass.INSTANCE)


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
async def raw(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The application's own sign-in, without the application."""
    assert settings.database_url
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    yield connection
    await connection.close()


async def see(connection: asyncpg.Connection, *, accounts: str = "", athletes: str = "") -> None:
    await connection.execute("SELECT set_config('app.accounts', $1, true), set_config('app.athletes', $2, true)", accounts, athletes)


async def two_rows(owner: asyncpg.Connection, table: Table) -> tuple[UUID, UUID]:
    """One row each of two people."""
    first, second = await person(owner), await person(owner)
    for owner_id in (first, second):
        if table.name != "user_account":
            await some_row(owner, table, owner_id)
    return first, second


async def visible(connection: asyncpg.Connection, table: Table, owner_id: UUID) -> int:
    column = owners_of(table)[0]
    count: int = await connection.fetchval(f"SELECT count(*) FROM {table.name} WHERE {column} = $1", owner_id)  # noqa: S608 - our names
    return count


def test_every_table_declares_its_class() -> None:
    declared = {table.name for table in [*ATHLETE_TABLES, *ACCOUNT_TABLES, *INSTANCE_TABLES]}
    assert declared == set(Base.metadata.tables)


@pytest.mark.parametrize("table", [*ATHLETE_TABLES, *ACCOUNT_TABLES], ids=attrgetter("name"))
async def test_without_a_scope_no_row_is_seen(owner: asyncpg.Connection, raw: asyncpg.Connection, table: Table) -> None:
    await two_rows(owner, table)
    assert await raw.fetchval(f"SELECT count(*) FROM {table.name}") == 0  # noqa: S608 - our names
    async with raw.transaction():
        await see(raw)
        assert await raw.fetchval(f"SELECT count(*) FROM {table.name}") == 0  # noqa: S608 - our names


@pytest.mark.parametrize("table", [*ATHLETE_TABLES, *ACCOUNT_TABLES], ids=attrgetter("name"))
async def test_a_scope_shows_its_own_rows_and_none_of_another(owner: asyncpg.Connection, raw: asyncpg.Connection, table: Table) -> None:
    mine, theirs = await two_rows(owner, table)
    async with raw.transaction():
        await see(raw, accounts=str(mine), athletes=str(mine))
        assert await visible(raw, table, mine) == 1
        assert await visible(raw, table, theirs) == 0


@pytest.mark.parametrize("table", [*ATHLETE_TABLES, *ACCOUNT_TABLES], ids=attrgetter("name"))
async def test_the_scope_ends_with_the_transaction(owner: asyncpg.Connection, raw: asyncpg.Connection, table: Table) -> None:
    mine, _ = await two_rows(owner, table)
    async with raw.transaction():
        await see(raw, accounts=str(mine), athletes=str(mine))
    assert await visible(raw, table, mine) == 0


@pytest.mark.parametrize("table", ATHLETE_TABLES, ids=attrgetter("name"))
async def test_account_ids_open_no_athlete_row(owner: asyncpg.Connection, raw: asyncpg.Connection, table: Table) -> None:
    mine, _ = await two_rows(owner, table)
    async with raw.transaction():
        await see(raw, accounts=str(mine))
        assert await visible(raw, table, mine) == 0


@pytest.mark.parametrize("table", [*ATHLETE_TABLES, *(t for t in ACCOUNT_TABLES if t.name != "audit_event")], ids=attrgetter("name"))
async def test_rows_of_another_cannot_be_written_or_given_away(owner: asyncpg.Connection, raw: asyncpg.Connection, table: Table) -> None:
    mine, theirs = await two_rows(owner, table)
    column = owners_of(table)[0]
    async with raw.transaction():
        await see(raw, accounts=str(mine), athletes=str(mine))
        assert await raw.execute(f"DELETE FROM {table.name} WHERE {column} = $1", theirs) == "DELETE 0"  # noqa: S608 - our names
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with raw.transaction():
                await raw.execute(f"UPDATE {table.name} SET {column} = $1 WHERE {column} = $2", uuid4(), mine)  # noqa: S608 - our names
    assert await visible(owner, table, theirs) == 1


@pytest.mark.parametrize("table", INSTANCE_TABLES, ids=attrgetter("name"))
async def test_instance_tables_hold_no_athlete_data(table: Table) -> None:
    assert "athlete_id" not in table.columns


async def test_the_application_role_cannot_lift_the_rules(raw: asyncpg.Connection) -> None:
    role = await raw.fetchrow("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert role is not None
    assert not any(role.values())
    for statement in (
        "ALTER TABLE threshold DISABLE ROW LEVEL SECURITY",
        "DROP POLICY scope ON threshold",
        "SET ROLE coachwatts_owner",
        "CREATE TABLE loot (x int)",
        "TRUNCATE user_account CASCADE",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute(statement)


async def test_row_level_security_is_forced_on_the_owner_too(owner: asyncpg.Connection) -> None:
    rows: list[Any] = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relnamespace = 'public'::regnamespace"
    )
    assert {row["relname"] for row in rows} == {table.name for table in [*ATHLETE_TABLES, *ACCOUNT_TABLES]}


async def test_the_audit_trail_can_only_grow(owner: asyncpg.Connection, raw: asyncpg.Connection) -> None:
    table = Base.metadata.tables["audit_event"]
    mine, _ = await two_rows(owner, table)
    for statement in ("UPDATE audit_event SET action = 'nothing'", "DELETE FROM audit_event"):
        async with raw.transaction():
            await see(raw, accounts=str(mine))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with raw.transaction():
                    await raw.execute(statement)
