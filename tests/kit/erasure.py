"""The worker's erasure for tests, and what is left of somebody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from coachwatts.db.scope import Scope
from coachwatts.jobs import service
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import by_name
from coachwatts.models.base import Base
from coachwatts.runtime import Runtime
from tests.kit.jobs import QUICK, until
from workers.erasure import erase_account, erase_due_accounts


@asynccontextmanager
async def erasing(runtime: Runtime) -> AsyncIterator[Dispatcher]:
    """A worker that erases who is due."""
    dispatcher = Dispatcher(runtime.db, runtime, by_name([erase_account, erase_due_accounts]), timing=QUICK)
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        await running


async def erase_due(runtime: Runtime) -> None:
    """What the clock of the worker asks for every hour."""
    async with runtime.db.write(Scope.nobody()) as session:
        job_id = await service.add(session, "erase_due_accounts", {})
    await until(runtime.db, job_id, "DONE")


async def mentions(owner: asyncpg.Connection, *words: str) -> dict[str, int]:
    """Rows of each table that hold any of these words, in whatever column."""
    found: dict[str, int] = {}
    for table in Base.metadata.tables:
        count = await owner.fetchval(
            f"SELECT count(*) FROM {table} WHERE EXISTS (SELECT FROM unnest($1::text[]) word WHERE position(word IN {table}::text) > 0)",  # noqa: S608 - our names
            list(words),
        )
        if count:
            found[table] = count
    return found


def words_of(user_id: UUID, email: str) -> tuple[str, ...]:
    return (str(user_id), user_id.hex, email)
