"""What one process holds while it runs: opened once, handed to the doors, closed in reverse order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.security.cipher import KeyRing
from coachwatts.security.keys import load_keys
from coachwatts.security.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    db: Database
    redis: Redis
    keys: KeyRing
    throttle: Throttle


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    if settings.redis_url is None:
        raise RuntimeError("no Redis configured")
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=2)
        stack.push_async_callback(redis.aclose)
        database = Database(settings)
        stack.push_async_callback(database.close)
        yield Runtime(settings, database, redis, load_keys(settings), Throttle(redis))
