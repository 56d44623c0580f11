"""News for subscribers: whoever follows a topic looks at the database again when it rings (`coachwatts.news.ring`).

The state is read from PostgreSQL, with the reader's own rights, and sent on when it differs from
what was sent last; so a lost message costs one poll, messages that pile up cost one look, and any process serves any subscriber.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from coachwatts.news import PREFIX

POLL_S = 5.0
RETRY_S = 0.5
PATIENCE_S = 0.25  # until a new topic is listened to

State = TypeVar("State")
log = structlog.get_logger()


class News:
    """One Redis connection for all subscribers of this process."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._followers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._wanted = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def follow(self, topic: str, read: Callable[[], Awaitable[State]], *, poll_s: float = POLL_S) -> AsyncGenerator[State, None]:
        """The state now, and again whenever it has changed."""
        with self._following(topic) as rung:
            state = await read()
            yield state
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(poll_s):
                        await rung.wait()
                rung.clear()  # before reading: a message that comes meanwhile is looked at next
                latest = await read()
                if latest != state:
                    state = latest
                    yield state

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    @contextmanager
    def _following(self, topic: str) -> Iterator[asyncio.Event]:
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        rung = asyncio.Event()
        self._followers[topic].add(rung)
        self._wanted.set()
        try:
            yield rung
        finally:
            self._followers[topic].discard(rung)
            if not self._followers[topic]:
                del self._followers[topic]
            self._wanted.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await self._relay(pubsub)
            except (RedisError, OSError) as failed:
                log.warning("news_interrupted", error=type(failed).__name__)
                await asyncio.sleep(RETRY_S)
                self._wanted.set()

    async def _relay(self, pubsub: PubSub) -> None:
        """Runs until the connection breaks."""
        heard: set[str] = set()
        while True:
            if self._wanted.is_set():
                self._wanted.clear()
                heard = await self._tune(pubsub, heard)
            if not heard:
                await self._wanted.wait()
                continue
            message: dict[str, Any] | None = await pubsub.get_message(timeout=PATIENCE_S)
            if message and message["type"] in {"message", "subscribe"}:
                # A confirmed subscription counts as news: what was rung before it stood has been missed.
                self._wake(message["channel"].decode().removeprefix(PREFIX))

    async def _tune(self, pubsub: PubSub, heard: set[str]) -> set[str]:
        wanted = set(self._followers)
        if new := wanted - heard:
            await pubsub.subscribe(*(PREFIX + topic for topic in new))
        if old := heard - wanted:
            await pubsub.unsubscribe(*(PREFIX + topic for topic in old))
        return wanted

    def _wake(self, topic: str) -> None:
        for rung in self._followers.get(topic, ()):
            rung.set()
