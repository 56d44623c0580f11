"""SIGKILL at any moment costs nothing that was committed, and never keeps `coachwatts up` from starting again."""

import asyncio
import contextlib
import random
import signal
import threading
import time
from pathlib import Path
from uuid import UUID

import asyncpg
import psutil
import pytest

from coachwatts.embedded.postgres import EmbeddedPostgres
from coachwatts.ids import new_id
from tests.kit.up import Up, plain_environment

ROUNDS = 10
LATEST_KILL_S = 2.5  # about as long as a start takes, so that kills fall into starting as well as into running
JOB = "INSERT INTO job (id, kind, payload, state, priority, attempt) VALUES ($1, 'purge_finished_jobs', '{}', 'QUEUED', 0, 0)"


class Client(threading.Thread):
    """Commits a row and a job at a time, for as long as there is a database, and remembers what was confirmed."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._done = threading.Event()
        self.confirmed: list[UUID] = []

    def run(self) -> None:
        while not self._done.is_set():
            # the server goes away at any byte of any message, and while it starts there is none: asyncpg has many words for that
            with contextlib.suppress(Exception):
                asyncio.run(self._commit_rows())
            time.sleep(0.05)

    def finish(self) -> None:
        self._done.set()
        self.join()

    async def _commit_rows(self) -> None:
        connection = await asyncpg.connect(owner_url(self._folder), timeout=2, command_timeout=2)
        try:
            while not self._done.is_set():
                row = new_id()
                async with connection.transaction():
                    await connection.execute("INSERT INTO drill VALUES ($1)", row)
                    await connection.execute(JOB, row)
                self.confirmed.append(row)
                await asyncio.sleep(0.01)
        finally:
            connection.terminate()


def owner_url(data: Path) -> str:
    server = EmbeddedPostgres(data / "postgres")
    server.find()
    return server.owner_url


async def ask(data: Path, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(owner_url(data), timeout=5)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def kill(up: Up, everything: bool) -> None:
    victims = [psutil.Process(up.process.pid), *(up.family() if everything else [])]
    for victim in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    assert up.end() == -signal.SIGKILL


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [20261120])
def test_ten_kills_in_a_row_lose_nothing_and_leave_nothing_stuck(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a drill must be repeatable
    data = tmp_path / "data"
    environment = {**plain_environment(), "COACHWATTS_DATA_DIR": str(data), "COACHWATTS_JOB_LEASE_S": "1", "COACHWATTS_JOB_POLL_S": "0.2"}
    first = Up(environment, tmp_path)
    first.await_ready()
    asyncio.run(ask(data, "CREATE TABLE drill (id uuid PRIMARY KEY)"))
    client = Client(data)
    client.start()
    try:
        time.sleep(0.5)
        kill(first, everything=True)
        for _ in range(ROUNDS - 1):
            up = Up(environment, tmp_path)
            time.sleep(chance.uniform(0, LATEST_KILL_S))
            kill(up, everything=chance.random() < 0.5)
        last = Up(environment, tmp_path)
        last.await_ready()
        time.sleep(0.5)
    finally:
        client.finish()
    kept = {row["id"] for row in asyncio.run(ask(data, "SELECT id FROM drill"))}
    assert len(client.confirmed) > 50  # the client was at work between the kills
    assert set(client.confirmed) <= kept
    assert_everything_ran(data, last)
    assert last.stop() == 0


def assert_everything_ran(data: Path, up: Up) -> None:
    """A job comes with its row or not at all, and what a killed worker held is run by the next."""
    until = time.monotonic() + 30
    states = "SELECT state, count(*) AS number FROM job WHERE id IN (SELECT id FROM drill) GROUP BY state"
    while set(found := {row["state"]: row["number"] for row in asyncio.run(ask(data, states))}) != {"DONE"}:
        assert time.monotonic() < until, (found, up.said[-20:])
        time.sleep(0.2)
    [(rows,)] = asyncio.run(ask(data, "SELECT count(*) FROM drill"))
    assert found["DONE"] == rows
