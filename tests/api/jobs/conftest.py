from collections.abc import AsyncIterator

import httpx
import pytest

from coachwatts.db.engine import Database
from tests.kit.api import Person
from tests.kit.trust import administrator


@pytest.fixture
async def rosa(http: httpx.AsyncClient, db: Database) -> AsyncIterator[Person]:
    """The administrator."""
    async with administrator(http, db) as person:
        yield person
