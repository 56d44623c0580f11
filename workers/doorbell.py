"""Listens to the bell for as long as the process lives, through every loss of Redis."""

import asyncio
from contextlib import suppress

import structlog
from arq.worker import create_worker

from coachwatts.config import Settings
from coachwatts.jobs import bell
from coachwatts.jobs.dispatcher import Dispatcher
from workers.settings import WorkerSettings

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0

log = structlog.get_logger()


async def listen(settings: Settings, dispatcher: Dispatcher) -> None:
    """ARQ's worker ends with the first error of its connection, so it is started again and again."""
    pause = FIRST_PAUSE_S
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await _listen_once(settings, dispatcher)
        except Exception as trouble:  # noqa: BLE001 - jobs go on without the bell
            log.warning("bell_lost", reason=type(trouble).__name__, again_in_s=pause)
        if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
            pause = FIRST_PAUSE_S
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def _listen_once(settings: Settings, dispatcher: Dispatcher) -> None:
    redis = bell.connect(settings)
    worker = create_worker(dict(vars(WorkerSettings)), redis_pool=redis, ctx={"dispatcher": dispatcher})
    try:
        await worker.async_run()
    finally:
        with suppress(Exception):
            await worker.close()
        await redis.aclose(close_connection_pool=True)
