"""What one process holds while it runs, handed to its doors and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

from redis.asyncio import Redis

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.jobs import bell
from coachwatts.security.cipher import KeyRing
from coachwatts.security.keys import load_keys
from coachwatts.security.throttle import Throttle
from coachwatts.storage.store import Storage


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    db: Database
    redis: Redis
    keys: KeyRing
    throttle: Throttle
    storage: Storage

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Connects to nothing yet and needs no event loop, so that routes are known before the start."""
        redis = bell.connect(settings)
        return cls(settings, Database(settings, bell.ArqBell(redis)), redis, load_keys(settings), Throttle(redis), Storage.of(settings))

    async def close(self) -> None:
        async with AsyncExitStack() as stack:  # each is closed, even when another cannot be
            stack.push_async_callback(self.redis.aclose)
            stack.push_async_callback(self.db.close)


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    runtime = Runtime.of(settings)
    try:
        yield runtime
    finally:
        await runtime.close()
