"""A worker process: the dispatcher on PostgreSQL, and beside it an ear for the bell."""

import asyncio
import signal
from collections.abc import Mapping

import structlog
import uvloop
from prometheus_client import start_http_server

import workers
from coachwatts import config, logs
from coachwatts.config import Settings
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import Kind, discover
from coachwatts.jobs.timing import Timing
from coachwatts.metrics import REGISTRY
from coachwatts.runtime import open_runtime
from workers.cron import SCHEDULE
from workers.doorbell import listen

SPARE_CONNECTIONS = 5

log = structlog.get_logger()


def run(kinds: Mapping[str, Kind] | None = None) -> None:
    """Until SIGTERM or SIGINT. Without `kinds`: all that this package has."""
    settings = with_room_for_heartbeats(config.load())
    config.require_services(settings)
    logs.configure(settings)
    if settings.worker_metrics:
        host, _, port = settings.worker_metrics.rpartition(":")
        start_http_server(int(port), host, registry=REGISTRY)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_signal(settings, kinds or discover(workers)))


def with_room_for_heartbeats(settings: Settings) -> Settings:
    """When every job holds a connection, the beats that keep their leases, claims and sweeps still get one."""
    needed = settings.worker_concurrency + SPARE_CONNECTIONS - settings.db_pool_size
    return settings.model_copy(update={"db_max_overflow": max(settings.db_max_overflow, needed)})


async def _until_signal(settings: Settings, kinds: Mapping[str, Kind]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await _work(settings, kinds, stop)


async def _work(settings: Settings, kinds: Mapping[str, Kind], stop: asyncio.Event) -> None:
    async with open_runtime(settings) as runtime:
        dispatcher = Dispatcher(
            runtime.db,
            runtime,
            kinds,
            schedule=SCHEDULE,
            timing=Timing.of(settings),
            concurrency=settings.worker_concurrency,
        )
        log.info("worker_started")
        dispatching = asyncio.create_task(dispatcher.run())
        listening = asyncio.create_task(listen(settings, dispatcher))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({dispatching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        stopped.cancel()
        dispatcher.stop()
        await dispatching  # what ended it without being asked ends the process: its supervisor starts a new one
        log.info("worker_stopped")
