"""From `add` to done."""

from coachwatts.db.engine import Database
from tests.kit.jobs import add, dispatching, kind_of, recorder, until


async def test_a_job_added_in_a_transaction_runs_after_its_commit(db: Database) -> None:
    seen, handler = recorder()
    kind = kind_of(handler)
    async with dispatching(db, kind):
        job_id = await add(db, kind, {"n": 1})
        job = await until(db, job_id, "DONE")
    assert seen == [{"n": 1}]
    assert (job.attempt, job.lease_token, job.last_error) == (1, None, None)
    assert job.started_at is not None
    assert job.finished_at is not None
