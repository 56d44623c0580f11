"""How ARQ is used: as a bell, no more. What must run, when and how often is in PostgreSQL."""

from typing import Any, ClassVar

from arq.worker import Function, Retry, func

from coachwatts.jobs.bell import QUEUE, RING, as_json, from_json
from coachwatts.jobs.dispatcher import Dispatcher

TRIES = 5
TRY_AGAIN_S = 0.2


async def ring(ctx: dict[str, Any]) -> None:
    """Wake the dispatcher. When this worker is full another may hear it; after a few tries a freed place will do as well."""
    dispatcher: Dispatcher = ctx["dispatcher"]
    if dispatcher.has_room or ctx["job_try"] >= TRIES:
        dispatcher.wake()
    else:
        raise Retry(defer=TRY_AGAIN_S)


async def refuse_alone(ctx: dict[str, Any]) -> None:
    if "dispatcher" not in ctx:
        raise RuntimeError("The `arq` command alone runs no jobs. Start workers with `coachwatts worker`.")


class WorkerSettings:
    """What our worker hands to ARQ's. There are no cron jobs here: ARQ forgets those that fall due while no worker runs."""

    on_startup = staticmethod(refuse_alone)
    functions: ClassVar[list[Function]] = [func(ring, name=RING, timeout=10, max_tries=TRIES)]
    queue_name = QUEUE
    health_check_key = f"{QUEUE}:health"
    health_check_interval = 10
    keep_result = 0  # a kept result would refuse the next ring of the same name
    max_jobs = 20
    poll_delay = 0.1
    job_serializer = staticmethod(as_json)
    job_deserializer = staticmethod(from_json)
    handle_signals = False
