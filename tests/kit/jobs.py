"""A dispatcher of one's own for a test: its kinds have names that no other test uses, so tests don't take each other's jobs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import update

from coachwatts import jobs
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.ids import new_id
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import Handler, Kind, by_name
from coachwatts.jobs.repository import listing
from coachwatts.jobs.timing import Timing
from coachwatts.models.job import Job

NOBODY = Scope.nobody()
QUICK = Timing(lease_s=1.0, poll_s=0.05, grace_s=1)
_numbers = count(1)


def kind_of(handler: Handler, **limits: Any) -> Kind:
    return Kind(f"test_{new_id().hex[-6:]}_{next(_numbers)}", handler, **limits)


async def add(db: Database, kind: Kind | str, payload: dict[str, Any] | None = None, **options: Any) -> UUID:
    async with db.write(NOBODY) as session:
        return await jobs.add(session, kind if isinstance(kind, str) else kind.name, payload or {}, **options)


async def look(db: Database, job_id: UUID) -> Job:
    async with db.read(NOBODY) as session:
        job = await listing.by_id(session, job_id)
    assert job is not None
    return job


async def until(db: Database, job_id: UUID, state: str, within: float = 20) -> Job:
    async def reached() -> bool:
        return (await look(db, job_id)).state == state

    await eventually(reached, within)
    return await look(db, job_id)


async def eventually(holds: Callable[[], Awaitable[object]], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in PostgreSQL or in another process
            await asyncio.sleep(0.01)


async def set_columns(db: Database, job_id: UUID, **values: Any) -> None:
    """What time would do, or another process."""
    async with db.write(NOBODY) as session:
        await session.execute(update(Job).where(Job.id == job_id).values(values))


@asynccontextmanager
async def dispatching(db: Database, *kinds: Kind, timing: Timing = QUICK, **options: Any) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(db, None, by_name(kinds), timing=timing, **options)
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        await running


def recorder() -> tuple[list[dict[str, Any]], Callable[..., Any]]:
    """A handler that notes the payloads it was given."""
    seen: list[dict[str, Any]] = []

    async def handler(run: jobs.Run, _runtime: Any) -> None:
        seen.append(dict(run.payload))

    return seen, handler
