"""How often something may happen. Counted in Redis; when Redis is away, in this process: never unlimited, never an error."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil
from time import monotonic

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coachwatts.errors import RateLimited
from coachwatts.security.buckets import TAKE, LocalBuckets, Measure

ANSWER_WITHIN_S = 0.5
LEAVE_ALONE_S = 2.0  # after a failure, so that not every request waits for a Redis that is gone
SECOND = 1_000_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Balance:
    limit: int
    remaining: int
    full_in_s: float


class Throttle:
    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(TAKE)
        self._local = LocalBuckets()
        self._away_until = 0.0

    async def spend(self, bucket: str, limit: int, per: timedelta, cost: int = 1) -> Balance:
        """At most `limit` at once and on average `limit` in `per`. Raises RateLimited, and then spends nothing."""
        return await self.bucket(bucket, limit, per).take(cost)

    def bucket(self, name: str, limit: int, per: timedelta) -> "Bucket":
        return Bucket(self, name, Measure.of(limit, per))

    async def move(self, name: str, window: int, price: int) -> tuple[bool, int]:
        key = f"throttle:{sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}"  # names carry addresses, and junk of any length
        if monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    granted, microseconds = await self._take(keys=[key], args=[window, price])
                return bool(granted), int(microseconds)
            except (RedisError, OSError) as failed:
                self._away_until = monotonic() + LEAVE_ALONE_S
                log.warning("throttle_counts_alone", error=type(failed).__name__)
        return self._local.take(key, window, price)


@dataclass(frozen=True, slots=True)
class Bucket:
    throttle: Throttle
    name: str
    measure: Measure

    async def take(self, cost: int = 1) -> Balance:
        """Raises RateLimited, and then takes nothing. A cost above the limit could never be paid and is the caller's mistake."""
        if not 0 <= cost <= self.measure.limit:
            raise ValueError(f"a cost of {cost} does not fit a bucket of {self.measure.limit}")
        return await self._move(cost)

    async def refund(self, cost: int) -> Balance:
        """Gives back what was taken and not used; a bucket never holds more than its limit."""
        if cost < 0:
            raise ValueError("a refund gives, it does not take")
        return await self._move(-cost)

    async def _move(self, cost: int) -> Balance:
        measure = self.measure
        granted, microseconds = await self.throttle.move(self.name, measure.window, cost * measure.piece)
        if not granted:
            raise RateLimited(f"Too often. Try again in {_wait(microseconds)}.", retry_after_s=microseconds / SECOND)
        return Balance(measure.limit, (measure.window - microseconds) // measure.piece, microseconds / SECOND)


def _wait(microseconds: int) -> str:
    seconds = ceil(microseconds / SECOND)
    number, unit = (seconds, "second") if seconds < 120 else (ceil(seconds / 60), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"
