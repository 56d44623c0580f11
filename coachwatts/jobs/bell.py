"""The bell over ARQ. A ring wakes some worker that has room, and that worker looks what is due in PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
import structlog
from arq.connections import ArqRedis

from coachwatts import news
from coachwatts.config import Settings

QUEUE = "coachwatts:bell"
RING = "ring"
PATIENCE_S = 0.5  # whoever committed waits for the bell; without it the job starts at the next look
SILENCE_S = 5.0
MOST = 20  # one ring is enough to wake a worker, and each woken worker takes all it has room for
FORGET_AFTER = timedelta(minutes=1)

log = structlog.get_logger()


def connect(settings: Settings) -> ArqRedis:
    if settings.redis_url is None:
        raise RuntimeError("no Redis configured")
    redis: ArqRedis = ArqRedis.from_url(settings.redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=2)
    redis.default_queue_name = QUEUE
    redis.job_serializer, redis.job_deserializer = as_json, from_json
    return redis


class ArqBell:
    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis
        self._silent_until = 0.0

    async def ring(self, jobs: Sequence[UUID]) -> None:
        if monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                for job_id in jobs[:MOST]:
                    await self._redis.enqueue_job(RING, _job_id=str(job_id), _expires=FORGET_AFTER)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the commit stands and the job will be found
            self._silent_until = monotonic() + SILENCE_S
            log.warning("bell_silent", reason=type(trouble).__name__)

    async def tell(self, topic: str) -> None:
        if monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await news.ring(self._redis, topic)
        except TimeoutError:
            self._silent_until = monotonic() + SILENCE_S


def as_json(message: dict[str, Any]) -> bytes:
    """Instead of pickle, which would run code for whoever can write to Redis."""
    return orjson.dumps(message, default=repr)


def from_json(data: bytes) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(data)
    return message
