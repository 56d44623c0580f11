"""Figures about jobs: how long they waited and ran in this process, and how the whole queue stands."""

import structlog
from prometheus_client import Counter, Gauge, Histogram

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.jobs.repository import listing
from coachwatts.metrics import REGISTRY

log = structlog.get_logger()

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

WAITED = Histogram("coachwatts_job_wait_seconds", "From due to started", ["kind"], buckets=SECONDS, registry=REGISTRY)
RAN = Histogram("coachwatts_job_run_seconds", "From started to ended", ["kind"], buckets=SECONDS, registry=REGISTRY)
ENDED = Counter("coachwatts_job_ended", "Runs by outcome", ["kind", "outcome"], registry=REGISTRY)
JOBS = Gauge("coachwatts_jobs", "Jobs that wait, run or are dead letters", ["kind", "state"], registry=REGISTRY)
QUEUE_AGE = Gauge("coachwatts_job_queue_age_seconds", "How long the oldest due job has waited", ["kind"], registry=REGISTRY)


def observe(kind: str, outcome: str, *, waited_s: float, ran_s: float) -> None:
    WAITED.labels(kind).observe(max(0.0, waited_s))
    RAN.labels(kind).observe(ran_s)
    ENDED.labels(kind, outcome).inc()


async def measure_queue(db: Database) -> None:
    """Set the gauges from the table: the queue is the same seen from every process. Without the database they are silent."""
    JOBS.clear()
    QUEUE_AGE.clear()
    try:
        async with db.read(Scope.nobody()) as session:
            standings = await listing.standings(session)
    except Exception as trouble:  # noqa: BLE001 - whoever looks at metrics then needs the others
        log.warning("queue_not_measured", reason=type(trouble).__name__)
        return
    for standing in standings:
        JOBS.labels(standing.kind, standing.state).set(standing.count)
        if standing.oldest_due_s is not None:
            QUEUE_AGE.labels(standing.kind).set(standing.oldest_due_s)
