from datetime import timedelta

from coachwatts.db.scope import Scope
from coachwatts.jobs import Run, job
from coachwatts.jobs.repository import leftovers
from coachwatts.runtime import Runtime

BATCH = 1000


@job("purge_sign_in_leftovers", timeout_s=600)
async def purge_sign_in_leftovers(run: Run, _runtime: Runtime) -> None:
    for table in leftovers.SIGN_IN:
        removed = BATCH
        while removed == BATCH:
            async with run.write(Scope.nobody()) as session:
                removed = await leftovers.purge(session, table, BATCH)


@job("purge_finished_jobs", timeout_s=600)
async def purge_finished_jobs(run: Run, runtime: Runtime) -> None:
    age = timedelta(days=runtime.settings.job_retention_days)
    removed = BATCH
    while removed == BATCH:
        async with run.write(Scope.nobody()) as session:
            removed = await leftovers.purge_jobs(session, age, BATCH)
