"""Worker processes to mistreat, with a database and a Redis of their own."""

import asyncio
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg

from coachwatts.config import Settings
from coachwatts.embedded.foreground import as_environment
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.jobs.bell import connect
from tests.kit.jobs import eventually

LEASE_S = 1.2
QUICK = {"COACHWATTS_JOB_LEASE_S": str(LEASE_S), "COACHWATTS_JOB_POLL_S": "0.3", "COACHWATTS_JOB_GRACE_S": "0.05"}
KINDS = ["count", "linger"]
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
ROOT = Path(__file__).resolve().parents[2]


class Drill:
    def __init__(self, settings: Settings, redis: EmbeddedRedis, owner: asyncpg.Connection, logs: Path) -> None:
        self.settings = settings
        self.redis = redis
        self.owner = owner
        self._environment = {**as_environment(settings), **QUICK, "COACHWATTS_LOG_FORMAT": "json", "PATH": ""}
        self._logs = logs
        self.workers: list[asyncio.subprocess.Process] = []

    async def start_worker(self, **extra: str) -> asyncio.subprocess.Process:
        with (self._logs / "workers.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.kit.counting_worker", env={**self._environment, **extra}, cwd=ROOT, stderr=log
            )
        self.workers.append(process)
        return process

    async def end(self, process: asyncio.subprocess.Process, number: signal.Signals) -> int:
        self.workers.remove(process)
        with suppress(ProcessLookupError):
            process.send_signal(number)
        async with asyncio.timeout(30):
            return await process.wait()

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
        return "refused_by_the_fence" in (self._logs / "workers.log").read_text()


class Blows:
    """One misfortune at a time, drawn from a seeded hat."""

    def __init__(self, drill: Drill, seed: int) -> None:
        self._drill = drill
        self._hat = random.Random(seed)  # noqa: S311 - a drill
        self._later: set[asyncio.Task[None]] = set()

    async def strike(self) -> None:
        blows = [self.kill, self.kill, self.freeze, self.freeze, self.stop, self.flush, self.restart_redis, self.cut_connections]
        await self._hat.choice(blows)()

    async def kill(self) -> None:
        await self._drill.end(self._hat.choice(self._drill.workers), signal.SIGKILL)
        await self._drill.start_worker()

    async def stop(self) -> None:
        assert await self._drill.end(self._hat.choice(self._drill.workers), signal.SIGTERM) in {0, -signal.SIGTERM}  # or before it listened
        await self._drill.start_worker()

    async def freeze(self) -> None:
        process = self._hat.choice(self._drill.workers)
        process.send_signal(signal.SIGSTOP)
        task = asyncio.create_task(self._thaw(process, self._hat.uniform(0.2, 2 * LEASE_S)))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _thaw(self, process: asyncio.subprocess.Process, after: float) -> None:
        await asyncio.sleep(after)
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)

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
