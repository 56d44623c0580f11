"""`coachwatts jobs`: what an administrator sees and does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from coachwatts import clock
from coachwatts.cli.jobs import app
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.embedded.foreground import as_environment
from coachwatts.errors import Conflict, NotFound
from coachwatts.ids import new_id
from tests.kit.jobs import add, kind_of, look, recorder, set_columns

Command = Callable[..., Awaitable[Any]]


@pytest.fixture
def jobs(settings: Settings) -> Command:
    """Runs the command; returns what `--json` printed, or the plain text, or raises with the error."""

    def run(*arguments: object) -> Any:
        done = CliRunner().invoke(app, list(map(str, arguments)), env=as_environment(settings))
        if done.exit_code:
            raise RuntimeError(done.output) from done.exception
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    return partial(asyncio.to_thread, run)


@pytest.fixture
async def dead(db: Database) -> tuple[str, UUID]:
    kind = kind_of(recorder()[1]).name
    job_id = await add(db, kind, {"n": 1})
    await set_columns(db, job_id, state="DEAD", attempt=5, last_error="no such address", finished_at=clock.now())
    return kind, job_id


async def test_list_shows_the_newest_first_and_filters(db: Database, dead: tuple[str, UUID], jobs: Command) -> None:
    kind, job_id = dead
    waiting = await add(db, kind, run_at=clock.now() + timedelta(days=1))
    assert [row["id"] for row in await jobs("list", "--kind", kind, "--json")] == [str(waiting), str(job_id)]
    assert [row["id"] for row in await jobs("list", "--kind", kind, "--after", waiting, "--json")] == [str(job_id)]
    plain = await jobs("list", "--kind", kind, "--state", "dead")
    assert str(job_id) in plain
    assert "no such address" in plain
    assert str(waiting) not in plain
    with pytest.raises(RuntimeError, match="QUEUED, RUNNING, DONE, DEAD, CANCELLED"):
        await jobs("list", "--state", "LOST")


async def test_show_tells_everything_about_one(dead: tuple[str, UUID], jobs: Command) -> None:
    kind, job_id = dead
    row = await jobs("show", job_id, "--json")
    assert (row["kind"], row["payload"], row["attempt"]) == (kind, {"n": 1}, 5)
    assert "last_error    no such address" in await jobs("show", job_id)
    with pytest.raises(RuntimeError) as refused:
        await jobs("show", new_id())
    assert isinstance(refused.value.__cause__, NotFound)


async def test_counts_tell_what_waits_what_is_dead_and_what_is_paused(db: Database, dead: tuple[str, UUID], jobs: Command) -> None:
    kind, _ = dead
    await set_columns(db, await add(db, kind), run_at=clock.now() - timedelta(hours=1))
    await jobs("pause", kind, "--reason", "the vendor is down")
    found = await jobs("counts", "--json")
    mine = {row["state"]: row for row in found["jobs"] if row["kind"] == kind}
    assert (mine["DEAD"]["count"], mine["QUEUED"]["count"], mine["DEAD"]["oldest_due_s"]) == (1, 1, None)
    assert 3600 <= mine["QUEUED"]["oldest_due_s"] < 3700
    assert found["paused"][kind] == "the vendor is down"
    assert "PAUSED    the vendor is down" in await jobs("counts")
    await jobs("resume", kind)
    with pytest.raises(RuntimeError) as refused:
        await jobs("resume", kind)
    assert isinstance(refused.value.__cause__, NotFound)


async def test_retry_lets_a_dead_letter_begin_anew(db: Database, dead: tuple[str, UUID], jobs: Command) -> None:
    kind, job_id = dead
    assert await jobs("retry", job_id, "--json") == [str(job_id)]
    job = await look(db, job_id)
    assert (job.state, job.attempt, job.last_error) == ("QUEUED", 0, None)
    with pytest.raises(RuntimeError):
        await jobs("retry", job_id)
    with pytest.raises(RuntimeError, match="Name the jobs, or say --dead"):
        await jobs("retry")
    await set_columns(db, job_id, state="DEAD")
    assert await jobs("retry", "--dead", "--kind", kind) == "1 queued again.\n"


async def test_cancel_ends_a_job_and_says_when_it_has_ended_already(db: Database, jobs: Command) -> None:
    job_id = await add(db, kind_of(recorder()[1]), run_at=clock.now() + timedelta(days=1))
    await jobs("cancel", job_id)
    assert (await look(db, job_id)).state == "CANCELLED"
    with pytest.raises(RuntimeError) as refused:
        await jobs("cancel", job_id)
    assert isinstance(refused.value.__cause__, Conflict)
