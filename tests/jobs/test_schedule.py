"""Regular jobs: each due time once, and a missed one made up for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.jobs import Kind
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.repository import listing
from coachwatts.jobs.schedule import Every
from coachwatts.models.job import Job
from tests.kit.jobs import NOBODY, kind_of, recorder, set_columns

HOUR = timedelta(hours=1)


async def rows(db: Database, kind: Kind) -> Sequence[Job]:
    async with db.read(NOBODY) as session:
        return await listing.page(session, listing.Filter(kinds=[kind.name]))


async def test_of_several_workers_one_queues_the_job_that_is_due(db: Database) -> None:
    kind = kind_of(recorder()[1])
    workers = [Dispatcher(db, None, {}, schedule=[Every(kind.name, HOUR)]) for _ in range(5)]
    await asyncio.gather(*(worker.queue_due_ticks() for worker in workers * 3))
    assert len(await rows(db, kind)) == 1


async def test_after_a_night_without_workers_it_is_queued_once(db: Database) -> None:
    kind = kind_of(recorder()[1])
    worker = Dispatcher(db, None, {}, schedule=[Every(kind.name, HOUR)])
    await worker.queue_due_ticks()
    [first] = await rows(db, kind)
    await set_columns(db, first.id, state="DONE")
    with clock.turned_by(8 * HOUR):
        await worker.queue_due_ticks()
        await worker.queue_due_ticks()
    assert len(await rows(db, kind)) == 2


async def test_due_times_of_a_paused_kind_do_not_pile_up(db: Database) -> None:
    kind = kind_of(recorder()[1])
    worker = Dispatcher(db, None, {}, schedule=[Every(kind.name, HOUR)])
    for hours in range(5):
        with clock.turned_by(hours * HOUR):
            await worker.queue_due_ticks()
    assert len(await rows(db, kind)) == 1


async def test_a_worker_whose_clock_is_behind_queues_nothing_twice(db: Database) -> None:
    kind = kind_of(recorder()[1])
    worker = Dispatcher(db, None, {}, schedule=[Every(kind.name, HOUR)])
    await worker.queue_due_ticks()
    with clock.turned_by(-2 * HOUR):
        await worker.queue_due_ticks()
    assert len(await rows(db, kind)) == 1
