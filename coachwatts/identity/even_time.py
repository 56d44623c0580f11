"""Answers that tell the same also take the same time, whatever was done behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from coachwatts.errors import CoachWattsError

AT_LEAST_S = 0.2  # well above the slowest of the branches


@asynccontextmanager
async def even_time(*, on_success: bool = True) -> AsyncIterator[None]:
    """Around transactions, never inside one. Without `on_success` only a failure waits: success needs no disguise."""
    ends = monotonic() + AT_LEAST_S
    try:
        yield
    except CoachWattsError:
        await asyncio.sleep(ends - monotonic())
        raise
    if on_success:
        await asyncio.sleep(ends - monotonic())
