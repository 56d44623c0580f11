"""An owner who is no superuser, as managed PostgreSQL gives one, makes the application's role and can step down to it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from coachwatts.db.engine import APP_ROLE
from coachwatts.db.policies import ENSURE_APP_ROLE
from tests.conftest import Services


@pytest.fixture
async def creator(services: Services) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(services.admin_url)
    undone = connection.transaction()
    await undone.start()
    name = f"creator_{uuid4().hex}"
    await connection.execute(f"CREATE ROLE {name} NOLOGIN CREATEROLE; SET LOCAL SESSION AUTHORIZATION {name}")
    yield connection
    await undone.rollback()
    await connection.close()


async def test_whoever_makes_the_role_may_step_down_to_it(creator: asyncpg.Connection) -> None:
    role = f"app_{uuid4().hex}"
    for _ in range(2):  # the second time there is nothing to do
        await creator.execute(ENSURE_APP_ROLE.replace(APP_ROLE, role))
    await creator.execute(f"SET LOCAL ROLE {role}")
    assert await creator.fetchval("SELECT current_user") == role


async def test_who_may_neither_make_nor_have_it_is_told_what_to_ask_for(creator: asyncpg.Connection) -> None:
    name = f"nobody_{uuid4().hex}"
    await creator.execute(f"RESET SESSION AUTHORIZATION; CREATE ROLE {name} NOLOGIN; SET LOCAL SESSION AUTHORIZATION {name}")
    with pytest.raises(asyncpg.RaiseError, match=f'GRANT .* TO "{name}"'):
        await creator.execute(ENSURE_APP_ROLE.replace(APP_ROLE, f"app_{uuid4().hex}"))
