"""Who gets what, and in which order."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from coachwatts import jobs
from coachwatts.db.engine import Database
from coachwatts.jobs import Kind, Run
from coachwatts.jobs.kinds import by_name
from coachwatts.jobs.repository import listing, queue
from coachwatts.jobs.timing import Timing
from tests.kit.jobs import NOBODY, add, dispatching, kind_of, look, recorder, until


async def test_the_most_urgent_first_and_among_equals_the_oldest(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    ids = [await add(db, kind, {"number": number}, priority=priority) for number, priority in enumerate([0, 0, 5, -5, 5])]
    async with dispatching(db, kind, concurrency=1):
        for job_id in ids:
            await until(db, job_id, "DONE")
    assert [payload["number"] for payload in seen] == [2, 4, 0, 1, 3]


async def test_two_dispatchers_never_run_the_same_job(db: Database) -> None:
    runs: Counter[int] = Counter()

    async def handler(run: Run, _runtime: Any) -> None:
        runs[run.payload["number"]] += 1
        await asyncio.sleep(0)

    kind = kind_of(handler)
    ids = [await add(db, kind, {"number": number}) for number in range(60)]
    async with dispatching(db, kind), dispatching(db, kind):
        for job_id in ids:
            await until(db, job_id, "DONE")
    assert runs == Counter(range(60))


async def test_a_limited_kind_runs_so_many_at_a_time_in_all_workers_together(db: Database) -> None:
    going = most_at_once = 0

    async def handler(_run: Run, _runtime: Any) -> None:
        nonlocal going, most_at_once
        going += 1
        most_at_once = max(most_at_once, going)
        await asyncio.sleep(0.03)
        going -= 1

    kind = kind_of(handler, concurrency=2)
    ids = [await add(db, kind) for _ in range(12)]
    async with dispatching(db, kind), dispatching(db, kind), dispatching(db, kind):
        for job_id in ids:
            await until(db, job_id, "DONE")
    assert most_at_once == 2


async def test_a_limited_kind_does_not_hold_up_the_others_behind_it(db: Database) -> None:
    async def sleeps(_run: Run, _runtime: Any) -> None:
        await asyncio.sleep(60)

    crowd, other = kind_of(sleeps, concurrency=1), kind_of(recorder()[1])
    for _ in range(25):
        await add(db, crowd, priority=9)
    async with dispatching(db, crowd, other, timing=Timing(lease_s=30, poll_s=0.05, grace_s=0)):
        await until(db, await add(db, other), "DONE")
        async with db.write(NOBODY) as session:
            standings = {(row.kind, row.state): row.count for row in await listing.standings(session)}
        assert (standings[crowd.name, "RUNNING"], standings[crowd.name, "QUEUED"]) == (1, 24)


async def test_jobs_of_a_paused_kind_wait_and_go_on_afterwards(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    async with db.write(NOBODY) as session:
        await listing.pause(session, kind.name, "the vendor is down")
        await listing.pause(session, kind.name, "still")
    async with dispatching(db, kind):
        job_id = await add(db, kind)
        await asyncio.sleep(0.2)
        assert seen == []
        async with db.write(NOBODY) as session:
            assert [pause.reason for pause in await listing.paused(session) if pause.kind == kind.name] == ["still"]
            assert await listing.resume(session, kind.name)
            assert not await listing.resume(session, kind.name)
        await until(db, job_id, "DONE")


async def test_a_kind_that_this_release_does_not_know_is_left_to_the_one_that_does(db: Database) -> None:
    known, unknown = kind_of(recorder()[1]), kind_of(recorder()[1])
    waiting = await add(db, unknown)
    async with dispatching(db, known):
        await until(db, await add(db, known), "DONE")
    assert (await look(db, waiting)).attempt == 0


async def test_a_claim_reads_in_the_order_of_the_index_and_stops_when_it_has_enough(db: Database) -> None:
    kind = kind_of(recorder()[1])
    async with db.write(NOBODY) as session:
        for _ in range(300):
            await jobs.add(session, kind.name, {})
        parameters = {"kinds": [kind.name], "max_attempts": [5], "rooms": [99], "most": 5, "lease": Timing().lease}
        explain = text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) {queue.CLAIM.text}")
        plan = list(await session.scalars(explain, parameters))
    scan = next(line for line in plan if "ix_job__due" in line)
    assert "rows=5.00" in scan


@pytest.mark.parametrize("limits", [{"timeout_s": 0}, {"max_attempts": 0}, {"concurrency": 0}])
def test_a_kind_has_positive_limits(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        kind_of(recorder()[1], **limits)


def test_two_kinds_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two job kinds are called twice"):
        by_name([Kind("twice", recorder()[1]), Kind("twice", recorder()[1])])
