"""Whether this process lives, and whether it is ready to serve."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

import structlog

from coachwatts.db import standing
from coachwatts.db.scope import Scope
from coachwatts.metrics import EVENT_LOOP_LAG
from coachwatts.runtime import Runtime

TIMEOUT_S = 2.0
REMEMBER_S = 1.0  # however often it is asked, the services are asked once a second
TICK_S = 0.5
LONGEST_LAG_S = 5.0

log = structlog.get_logger()


class NotReady(Exception):
    """The message may be shown to anybody."""


@dataclass(frozen=True, slots=True)
class State:
    why_not: str | None
    took_ms: float


class Readiness:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._checks: dict[str, Callable[[], Awaitable[object]]] = {
            "database": self._database,
            "queue": runtime.redis.ping,
            "storage": runtime.storage.check,
        }
        self._known: dict[str, State] = {}
        self._fresh_until = 0.0
        self._lock = asyncio.Lock()

    async def look(self) -> dict[str, State]:
        async with self._lock:
            if monotonic() >= self._fresh_until:
                states = await asyncio.gather(*map(self._state, self._checks))
                self._known = dict(zip(self._checks, states, strict=True))
                self._fresh_until = monotonic() + REMEMBER_S
            return self._known

    async def _state(self, name: str) -> State:
        began = monotonic()
        why_not = await self._why_not(name)
        before = self._known.get(name)
        if why_not and (before is None or before.why_not is None):
            log.warning("not_ready", check=name, why=why_not)
        return State(why_not, round((monotonic() - began) * 1000, 1))

    async def _why_not(self, name: str) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._checks[name]()
        except NotReady as reason:
            return str(reason)
        except TimeoutError:
            return f"no answer within {TIMEOUT_S:g} seconds"
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is the answer; its words may hold an address
            return f"does not answer ({type(failure).__name__})"
        return None

    async def _database(self) -> None:
        async with self._runtime.db.read(Scope.nobody()) as session:
            found = await standing.look(session)
        if reason := found.why_not():
            raise NotReady(reason)


class LoopLag:
    """How far the event loop is behind: work that blocks it shows here."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @property
    def is_alive(self) -> bool:
        return self.seconds < LONGEST_LAG_S

    async def watch(self) -> None:
        while True:
            due = monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            self.seconds = max(0.0, monotonic() - due)
            EVENT_LOOP_LAG.set(self.seconds)
