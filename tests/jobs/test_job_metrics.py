"""What Prometheus reads about jobs."""

from datetime import timedelta

import httpx
from pydantic import SecretStr

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.jobs import metrics
from coachwatts.metrics import REGISTRY, exposition
from tests.kit.jobs import add, dispatching, kind_of, recorder, set_columns, until


async def test_waits_runs_and_outcomes_are_counted(db: Database) -> None:
    kind = kind_of(recorder()[1])
    async with dispatching(db, kind):
        await until(db, await add(db, kind), "DONE")
    assert REGISTRY.get_sample_value("coachwatts_job_ended_total", {"kind": kind.name, "outcome": "done"}) == 1
    for name in ("wait", "run"):
        assert REGISTRY.get_sample_value(f"coachwatts_job_{name}_seconds_count", {"kind": kind.name}) == 1


async def test_the_queue_tells_how_many_wait_and_since_when(db: Database) -> None:
    kind = kind_of(recorder()[1]).name
    oldest = await add(db, kind)
    await set_columns(db, oldest, run_at=clock.now() - timedelta(minutes=10))
    await add(db, kind)
    await add(db, kind, run_at=clock.now() + timedelta(hours=1))
    dead = await add(db, kind)
    await set_columns(db, dead, state="DEAD")
    await metrics.measure_queue(db)
    assert REGISTRY.get_sample_value("coachwatts_jobs", {"kind": kind, "state": "QUEUED"}) == 3
    assert REGISTRY.get_sample_value("coachwatts_jobs", {"kind": kind, "state": "DEAD"}) == 1
    age = REGISTRY.get_sample_value("coachwatts_job_queue_age_seconds", {"kind": kind})
    assert age is not None
    assert 600 <= age < 660


async def test_the_api_shows_the_queue_when_it_is_asked_for_metrics(db: Database, http: httpx.AsyncClient) -> None:
    kind = kind_of(recorder()[1]).name
    await add(db, kind)
    answer = await http.get("/metrics")
    assert f'coachwatts_jobs{{kind="{kind}",state="QUEUED"}} 1.0' in answer.text


async def test_without_the_database_the_other_figures_are_still_there(settings: Settings) -> None:
    nowhere = Database(settings.model_copy(update={"database_url": SecretStr("postgresql://a:b@127.0.0.1:1/x")}))
    await metrics.measure_queue(nowhere)
    assert b"coachwatts_job_wait_seconds" in exposition()
    assert b"coachwatts_jobs{" not in exposition()
