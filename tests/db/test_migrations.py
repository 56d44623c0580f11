import asyncio

import pytest

from coachwatts import config
from coachwatts.config import Settings
from coachwatts.db import migrations
from tests.conftest import Services, create_database

NAME = "cw_migrations"


@pytest.fixture
def empty(services: Services, worker_id: str) -> Settings:
    name = f"{NAME}_{worker_id}"
    asyncio.run(create_database(services, name, "template1"))
    return config.load(_env_file=None, database_url=services.database(services.owner_url, name))


def test_there_is_one_head() -> None:
    assert migrations.head() in migrations.known_revisions()


def test_the_migrations_make_the_tables_that_the_models_describe(empty: Settings) -> None:
    migrations.upgrade(empty)
    migrations.check(empty)


def test_down_and_up_again_leaves_the_same_tables(empty: Settings) -> None:
    migrations.upgrade(empty)
    migrations.downgrade(empty, "base")
    migrations.upgrade(empty)
    migrations.check(empty)
