"""Worker processes to mistreat, with a database and a Redis of their own."""

import asyncio
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg

from coachwatts.config import Settings
from coachwatts.embedded.foreground import as_environment
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.jobs.bell import connect
from tests.kit.jobs import eventually

LEASE_S = 1.2
QUICK = {
    "COACHWATTS_JOB_LEASE_S": str(LEASE_S),
    "COACHWATTS_JOB_POLL_S": "0.3",
    "COACHWATTS_JOB_GRACE_S": "0.05",
    "COACHWATTS_WORKER_CONCURRENCY": "4",
}
KINDS = ["count", "linger"]
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
ROOT = Path(__file__).resolve().parents[2]


class Worker:
    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def has_begun(self) -> bool:
        return "worker_started" in self.log.read_text()

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


class Drill:
    def __init__(self, settings: Settings, redis: EmbeddedRedis, owner: asyncpg.Connection, logs: Path) -> None:
        self.settings = settings
        self.redis = redis
        self.owner = owner
        self._environment = {**as_environment(settings), **QUICK, "COACHWATTS_LOG_FORMAT": "json", "PATH": ""}
        self._logs = logs
        self._numbers = count()
        self.workers: list[Worker] = []

    async def start_worker(self, **extra: str) -> Worker:
        log = self._logs / f"worker_{next(self._numbers)}.log"
        environment = {**self._environment, **extra}
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.kit.counting_worker", env=environment, cwd=ROOT, stderr=output
            )
        self.workers.append(Worker(process, log))
        return self.workers[-1]

    async def end(self, worker: Worker, number: signal.Signals) -> int:
        self.workers.remove(worker)
        worker.send(number)
        async with asyncio.timeout(60):
            return await worker.process.wait()

    async def busy(self) -> list[Worker]:
        """There is no use in killing those that have not begun."""
        return [worker for worker in self.workers if worker.has_begun]

    async def marks(self, phase: str = "finished") -> Counter[UUID]:
        return Counter(row["job_id"] for row in await self.owner.fetch("SELECT job_id FROM mark WHERE phase = $1", phase))

    async def settle(self) -> None:
        async def settled() -> bool:
            live = "SELECT EXISTS (SELECT FROM job WHERE kind = ANY($1) AND state IN ('QUEUED', 'RUNNING'))"
            return not await self.owner.fetchval(live, KINDS)

        await eventually(settled, within=90)

    async def begun(self) -> None:
        await eventually(lambda: self.marks("began"), within=60)

    async def was_refused(self) -> bool:
        return any("refused_by_the_fence" in log.read_text() for log in self._logs.glob("worker_*.log"))


class Blows:
    """One misfortune at a time, drawn from a seeded hat."""

    def __init__(self, drill: Drill, seed: int) -> None:
        self._drill = drill
        self._hat = random.Random(seed)  # noqa: S311 - a drill
        self._later: set[asyncio.Task[None]] = set()

    async def strike(self) -> None:
        await eventually(self._drill.busy, within=60)
        await asyncio.sleep(self._hat.uniform(0.1, 0.5))
        blows = [self.kill, self.kill, self.freeze, self.freeze, self.stop, self.flush, self.restart_redis, self.cut_connections]
        await self._hat.choice(blows)()

    async def kill(self) -> None:
        await self._drill.end(await self._victim(), signal.SIGKILL)
        await self._drill.start_worker()

    async def stop(self) -> None:
        assert await self._drill.end(await self._victim(), signal.SIGTERM) == 0
        await self._drill.start_worker()

    async def freeze(self) -> None:
        worker = await self._victim()
        worker.send(signal.SIGSTOP)
        task = asyncio.create_task(self._thaw(worker, self._hat.uniform(0.2, 2 * LEASE_S)))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _victim(self) -> Worker:
        return self._hat.choice(await self._drill.busy())

    async def _thaw(self, worker: Worker, after: float) -> None:
        await asyncio.sleep(after)
        worker.send(signal.SIGCONT)

    async def flush(self) -> None:
        async with connect(self._drill.settings) as redis:
            await redis.flushall()

    async def restart_redis(self) -> None:
        await asyncio.to_thread(self._drill.redis.stop)
        await asyncio.to_thread(self._drill.redis.start)

    async def cut_connections(self) -> None:
        """Those of the workers, and ours that adds jobs."""
        assert self._drill.settings.database_url
        connection = await asyncpg.connect(self._drill.settings.database_url.get_secret_value())
        await connection.execute(CUT)
        await connection.close()

    async def calm(self) -> None:
        if self._later:
            await asyncio.wait(self._later)
