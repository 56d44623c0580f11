"""The door to PostgreSQL: one engine a process, short transactions, each with its scope."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from coachwatts.config import Settings, WrongSetting
from coachwatts.db.bell import Bell, NoBell
from coachwatts.db.discretion import make_discreet
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession

APP_ROLE = "coachwatts_app"
CONNECT_TIMEOUT_S = 5  # without one asyncpg waits 60 s for a host that does not answer
COMMAND_TIMEOUT_S = 30
STATEMENT_TIMEOUT = "15s"  # of a transaction for a request or a job step; the client-side limit above is the backstop
IDLE_TIMEOUT = "60s"  # a process that froze in the middle of a transaction must not keep its locks

log = structlog.get_logger()


def asyncpg_url(text: str) -> URL:
    return make_url(text).set(drivername="postgresql+asyncpg")


def make_engine(url: str, *, pooler: bool = False, **options: Any) -> AsyncEngine:
    connect_args: dict[str, Any] = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
    if pooler:
        # A transaction pooler hands each transaction another server connection: nothing prepared may outlive it,
        # and names must not meet those that other clients left behind.
        connect_args |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        connect_args["prepared_statement_name_func"] = lambda: f"cw_{uuid4().hex}"
    else:
        connect_args["server_settings"] = {"application_name": "coachwatts", "jit": "off"}
    # Parameters are e-mail addresses and hashes: an error that reaches a log shows the statement alone.
    return make_discreet(create_async_engine(asyncpg_url(url), connect_args=connect_args, hide_parameters=True, **options))


def owner_engine(settings: Settings) -> AsyncEngine:
    """The owner's connection: migrations, key rotation, backup. It goes past row-level security. Raises WrongSetting."""
    if settings.db_pooler and settings.direct_url is None:  # what is set for a session would stay with whoever comes next
        raise WrongSetting(
            "DIRECT_URL: is not set, and the owner's work cannot go through a pooler; write the address of PostgreSQL itself"
        )
    url = settings.direct_url or settings.database_url
    if url is None:
        raise RuntimeError("no database configured")
    return make_engine(url.get_secret_value(), poolclass=NullPool)


class Database:
    def __init__(self, settings: Settings, bell: Bell | None = None) -> None:
        if settings.database_url is None:
            raise RuntimeError("no database configured")
        self.engine = make_engine(
            settings.database_url.get_secret_value(),
            pooler=settings.db_pooler,
            pool_size=settings.db_pool_size,
            max_overflow=settings.db_max_overflow,
            pool_pre_ping=True,
            pool_recycle=1800,
        )
        # With one URL for everything we arrive as the owner and step down to the application role.
        self._steps_down = settings.direct_url is None
        self._bell = bell or NoBell()

    async def close(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[ReadSession]:
        reader = self.engine.execution_options(postgresql_readonly=True)
        async with ReadSession(reader, expire_on_commit=False, autoflush=False) as session, session.begin():
            await self._enter(session, scope)
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[WriteSession]:
        async with WriteSession(self.engine, expire_on_commit=False) as session:
            session.bell = self._bell
            async with session.begin():
                await self._enter(session, scope)
                yield session
            for follow_up in session.after_commit:
                try:
                    await follow_up()
                except Exception:
                    # The commit stands; whoever waits for the bell also looks at the table.
                    log.exception("after_commit_failed")

    async def _enter(self, session: ReadSession, scope: Scope) -> None:
        role = {"role": APP_ROLE} if self._steps_down else {}
        limits = {"statement_timeout": STATEMENT_TIMEOUT, "idle_in_transaction_session_timeout": IDLE_TIMEOUT}
        await session.see(scope, **limits, **role)
