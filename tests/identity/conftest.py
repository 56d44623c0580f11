from collections.abc import AsyncIterator

import asyncpg
import pytest

from coachwatts.config import Settings
from coachwatts.runtime import Runtime, open_runtime


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    async with open_runtime(settings) as runtime:
        yield runtime
