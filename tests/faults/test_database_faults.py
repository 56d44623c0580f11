"""The network between us and PostgreSQL goes wrong; we answer in time and heal by ourselves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from coachwatts.config import Settings
from coachwatts.db import engine
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from tests.kit.fault_proxy import FaultProxy, fault_proxy


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[FaultProxy]:
    assert settings.database_url
    folder = Path(str(make_url(settings.database_url.get_secret_value()).query["host"]))
    async with fault_proxy(lambda: asyncio.open_unix_connection(folder / ".s.PGSQL.5432")) as running:
        yield running


@pytest.fixture
async def behind(settings: Settings, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(engine, "CONNECT_TIMEOUT_S", 1)
    monkeypatch.setattr(engine, "COMMAND_TIMEOUT_S", 1)
    assert settings.database_url
    url = make_url(settings.database_url.get_secret_value()).set(query={"ssl": "disable"}, host="127.0.0.1", port=proxy.port)
    database = Database(settings.model_copy(update={"database_url": SecretStr(url.render_as_string(hide_password=False))}))
    yield database
    await database.close()


async def one(database: Database) -> int | None:
    async with database.read(Scope.nobody()) as session:
        found: int | None = await session.scalar(text("SELECT 1"))
        return found


async def test_connections_that_died_in_the_pool_are_replaced_unseen(behind: Database, proxy: FaultProxy) -> None:
    await asyncio.gather(*(one(behind) for _ in range(5)))
    proxy.reset_all()
    assert await asyncio.gather(*(one(behind) for _ in range(5))) == [1] * 5


async def test_a_connection_reset_in_the_middle_fails_that_request_only(behind: Database, proxy: FaultProxy) -> None:
    async def slow() -> None:
        async with behind.read(Scope.nobody()) as session:
            await session.execute(text("SELECT pg_sleep(0.5)"))

    request = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    proxy.reset_all()
    with pytest.raises(Exception, match=r"connection was closed|Connection reset|ConnectionDoesNotExist"):
        await request
    assert await one(behind) == 1


async def test_a_silent_network_is_given_up_in_time_and_healed(behind: Database, proxy: FaultProxy) -> None:
    assert await one(behind) == 1
    proxy.flows.clear()
    begun = monotonic()
    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever layer notices first
        await one(behind)
    assert monotonic() - begun < 6
    proxy.flows.set()
    assert await one(behind) == 1


async def test_a_refused_connection_says_so_at_once(behind: Database, proxy: FaultProxy) -> None:
    proxy.refuses = True
    begun = monotonic()
    with pytest.raises(Exception, match=r"(?i)connection|closed|reset"):
        await one(behind)
    assert monotonic() - begun < 3
