"""Server-sent events, distinct connections mode of GraphQL over SSE: one operation, one stream."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

from starlette.responses import StreamingResponse

from coachwatts.api.transport.encoding import encode
from coachwatts.api.transport.negotiation import STREAM
from coachwatts.api.transport.refusal import Formatted, coded

KEEP_ALIVE_S = 12.0
RECHECK_S = 30.0

_COMPLETE = b"event: complete\ndata:\n\n"
_KEEP_ALIVE = b":\n\n"
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "vary": "Accept, Origin"}

SESSION_ENDED: Formatted = {"errors": [coded("Your session has ended. Sign in again.", "SESSION_EXPIRED")]}


def once(body: Formatted) -> bytes:
    return _next(body) + _COMPLETE


def event_stream(events: AsyncGenerator[Formatted, None], is_current: Callable[[], Awaitable[bool]]) -> StreamingResponse:
    return StreamingResponse(_frames(events, is_current), media_type=STREAM, headers=_HEADERS)


async def _frames(events: AsyncGenerator[Formatted, None], is_current: Callable[[], Awaitable[bool]]) -> AsyncGenerator[bytes, None]:
    checked, coming = time.monotonic(), _ask(events)
    try:
        yield _KEEP_ALIVE  # headers and a first byte at once, so that proxies and clients know the stream stands
        while True:
            await asyncio.wait({coming}, timeout=KEEP_ALIVE_S)
            if time.monotonic() - checked >= RECHECK_S:
                if not await is_current():
                    yield once(SESSION_ENDED)
                    return
                checked = time.monotonic()
            if not coming.done():
                yield _KEEP_ALIVE
                continue
            try:
                yield _next(coming.result())
            except StopAsyncIteration:
                yield _COMPLETE
                return
            coming = _ask(events)
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming
        await events.aclose()


def _ask(events: AsyncGenerator[Formatted, None]) -> "asyncio.Task[Formatted]":
    async def ask() -> Formatted:
        return await anext(events)

    return asyncio.create_task(ask())


def _next(body: Formatted) -> bytes:
    return b"event: next\ndata: " + encode(body) + b"\n\n"
