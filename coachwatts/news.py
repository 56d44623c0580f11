"""Tells whoever follows a topic, in whichever process, that there is something new to read. A message carries nothing else."""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "news:"

log = structlog.get_logger()


async def ring(redis: Redis, topic: str) -> None:
    """Only after the commit: followers read at once. Best effort, raises nothing; they also look from time to time."""
    try:
        await redis.publish(PREFIX + topic, b"")
    except (RedisError, OSError) as failed:
        log.warning("news_not_rung", topic=topic, error=type(failed).__name__)
