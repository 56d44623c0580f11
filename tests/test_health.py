import asyncio
import socket
import time
from contextlib import suppress

import pytest
from pydantic import SecretStr

from coachwatts import health
from coachwatts.config import Settings
from coachwatts.db import migrations
from coachwatts.db.standing import Standing
from coachwatts.health import LoopLag, Readiness
from coachwatts.runtime import open_runtime


async def test_work_that_blocks_the_event_loop_shows_as_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TICK_S", 0.02)
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.03)
    time.sleep(0.2)  # noqa: ASYNC251 - the fault that is to be seen
    await asyncio.sleep(0.001)
    assert 0.1 < lag.seconds < health.LONGEST_LAG_S
    assert lag.is_alive
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def test_a_process_that_is_seconds_behind_does_not_live() -> None:
    lag = LoopLag()
    lag.seconds = health.LONGEST_LAG_S
    assert not lag.is_alive


async def test_a_service_that_is_silent_holds_the_answer_up_for_a_moment_only(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        url = SecretStr(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        async with open_runtime(settings.model_copy(update={"redis_url": url})) as runtime:
            began = time.monotonic()
            states = await Readiness(runtime).look()
    assert time.monotonic() - began < 2
    assert states["queue"].why_not == "no answer within 0.2 seconds"
    assert states["database"].why_not is None


async def test_many_who_ask_at_once_cost_one_look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_runtime(settings) as runtime:
        readiness = Readiness(runtime)
        first, *others = await asyncio.gather(*(readiness.look() for _ in range(20)))
        assert all(other is first for other in others)
        monkeypatch.setattr(health, "REMEMBER_S", 0)
        readiness._fresh_until = 0
        assert await readiness.look() is not first


def test_a_database_that_lags_behind_is_not_ready_and_one_ahead_is() -> None:
    head = migrations.head()
    older = next(revision for revision in migrations.known_revisions() if revision != head)
    assert Standing(head, is_bound=True).why_not() is None
    assert Standing("made-by-a-later-release", is_bound=True).why_not() is None
    for behind in (older, None):
        assert "coachwatts migrate" in str(Standing(behind, is_bound=True).why_not())
    assert "coachwatts doctor" in str(Standing(head, is_bound=False).why_not())
