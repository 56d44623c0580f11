"""Real services for all tests: one PostgreSQL and one Redis a run, one database a worker, cloned from a migrated template."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from coachwatts import config
from coachwatts.config import Settings
from coachwatts.db import migrations
from coachwatts.db.engine import Database
from coachwatts.embedded.postgres import EmbeddedPostgres
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.security.keys import generate_key
from tests.kit.api import Api, Person, join, serving

TEMPLATE = "cw_template"


@dataclass(frozen=True)
class Services:
    """Addresses of what the run's first process started; plain strings, so that they travel to xdist workers."""

    owner_url: str
    app_url: str
    admin_url: str
    redis_url: str
    folder: str

    def database(self, url: str, name: str) -> str:
        return url.replace("/coachwatts?", f"/{name}?")


class Started:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="cw-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        self.postgres = EmbeddedPostgres(folder / "pg", durable=False, connections=300)
        self.redis = EmbeddedRedis(folder / "redis", durable=False)

    def start(self) -> Services:
        self.postgres.start()
        self.redis.start()
        services = Services(self.postgres.owner_url, self.postgres.app_url, self.postgres.admin_url, self.redis.url, self._folder.name)
        asyncio.run(create_database(services, TEMPLATE, "template1"))
        migrations.upgrade(config.load(database_url=services.database(services.owner_url, TEMPLATE)))
        return services

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()
        self._folder.cleanup()


async def create_database(services: Services, name: str, template: str) -> None:
    connection = await asyncpg.connect(services.database(services.owner_url, "postgres"))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()


class XdistServices:
    """The process that deals out the tests owns the services; workers are told where they are."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.services: Services | None = None

    def pytest_configure_node(self, node: Any) -> None:
        if self.services is None:
            self.started = Started()
            self.services = self.started.start()
        node.workerinput["services"] = vars(self.services)

    def pytest_sessionfinish(self) -> None:
        if self.started:
            self.started.stop()


UNIT = ("tests/analytics/", "tests/security/", "tests/test_config", "tests/test_domain", "tests/test_layout")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests stay on this machine (`--allow-hosts`); those of parts open nothing but the private sockets of our services."""
    for item in items:
        if item.nodeid.startswith(UNIT):
            item.add_marker(pytest.mark.disable_socket)


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(XdistServices(), "coachwatts-services")


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> Iterator[Services]:
    if given := getattr(request.config, "workerinput", {}).get("services"):
        yield Services(**given)
        return
    started = Started()
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture(scope="session")
def settings(services: Services, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Production-like rights: the application signs in with the application role."""
    name = f"cw_{worker_id}"
    asyncio.run(create_database(services, name, TEMPLATE))
    number = worker_id.removeprefix("gw") if worker_id.startswith("gw") else "0"
    return config.load(
        _env_file=None,
        database_url=services.database(services.app_url, name),
        direct_url=services.database(services.owner_url, name),
        redis_url=services.redis_url.replace("?db=0", f"?db={number}"),
        storage_url=tmp_path_factory.mktemp("storage").as_uri(),
        data_dir=tmp_path_factory.mktemp("data"),
        master_keys=generate_key(),
        log_level="error",
    )


@pytest.fixture(scope="session")
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    assert settings.redis_url
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Redis.from_url(settings.redis_url.get_secret_value()))
        yield client


@pytest.fixture(scope="session")
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Without a cookie jar of its own: `join` gives each person a bearer token."""
    async with serving(settings) as client:
        yield client


@pytest.fixture
async def ada(http: httpx.AsyncClient) -> Person:
    return await join(http, name="Ada")


@pytest.fixture
async def bob(http: httpx.AsyncClient) -> Person:
    return await join(http, name="Bob")


@pytest.fixture
def stranger(http: httpx.AsyncClient) -> Api:
    return Api(http)
