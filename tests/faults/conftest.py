import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.jobs.bell import ArqBell, connect
from tests.conftest import TEMPLATE, Services, create_database
from tests.kit.counting_worker import TABLE
from tests.kit.drill import Drill


@pytest.fixture
async def own_services(settings: Settings, services: Services, tmp_path: Path) -> AsyncIterator[tuple[Settings, EmbeddedRedis]]:
    """A database and a Redis that nobody else uses, so that they can be mistreated."""
    assert settings.database_url
    name = settings.database_url.get_secret_value().split("/")[-1].split("?")[0] + "_drill"
    await create_database(services, name, TEMPLATE)
    redis = EmbeddedRedis(tmp_path / "redis", durable=False)
    await asyncio.to_thread(redis.start)
    urls = {
        "database_url": SecretStr(services.database(services.app_url, name)),
        "direct_url": SecretStr(services.database(services.owner_url, name)),
        "redis_url": SecretStr(redis.url),
    }
    yield settings.model_copy(update=urls), redis
    await asyncio.to_thread(redis.stop)


@pytest.fixture
async def drill(own_services: tuple[Settings, EmbeddedRedis], tmp_path: Path) -> AsyncIterator[Drill]:
    settings, redis = own_services
    assert settings.direct_url
    owner = await asyncpg.connect(settings.direct_url.get_secret_value())
    await owner.execute(TABLE)
    drill = Drill(settings, redis, owner, tmp_path)
    yield drill
    for worker in list(drill.workers):
        await drill.end(worker, signal.SIGKILL)
    await owner.close()


@pytest.fixture
async def ringing(own_services: tuple[Settings, EmbeddedRedis]) -> AsyncIterator[Database]:
    settings, _ = own_services
    async with connect(settings) as redis:
        database = Database(settings, ArqBell(redis))
        yield database
        await database.close()
