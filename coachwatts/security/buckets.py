"""Token buckets, each kept as one number: the moment at which it will be full again.

Taking moves that moment away, time comes nearer to it, and a bucket whose moment has passed needs no memory at all. The same
few lines run in Redis, for all processes together, and here, for this process alone when Redis does not answer.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import Self

MICROSECOND = timedelta(microseconds=1)
MOST_BUCKETS = 100_000  # about 20 MiB; then the longest unused is forgotten

# Redis' own clock, so that processes whose clocks differ agree. The number is formatted by hand: tostring() keeps 14 digits.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local window, price = tonumber(ARGV[1]), tonumber(ARGV[2])
local missing = full_at + price - now
if price > 0 and missing > window then return {0, missing - window} end
if missing <= 0 then redis.call('DEL', KEYS[1]) return {1, 0} end
redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
return {1, missing}
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """A full bucket holds `limit` and refills evenly within `window` microseconds; one piece takes `piece` of them."""

    limit: int
    piece: int

    @classmethod
    def of(cls, limit: int, per: timedelta) -> Self:
        piece = per // MICROSECOND // limit if limit > 0 else 0
        if piece < 1:
            raise ValueError(f"{limit} per {per} is no limit")
        return cls(limit, piece)

    @property
    def window(self) -> int:
        return self.limit * self.piece


class LocalBuckets:
    def __init__(self) -> None:
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def take(self, name: str, window: int, price: int) -> tuple[bool, int]:
        """Whether it was granted, and the microseconds until the bucket is full, or until it would be granted."""
        now = monotonic_ns() // 1000
        full_at = max(self._full_at.pop(name, 0), now)
        missing = full_at + price - now
        granted = price <= 0 or missing <= window
        self._keep(name, max(full_at + price, now) if granted else full_at, now)
        return granted, max(missing, 0) if granted else missing - window

    def _keep(self, name: str, full_at: int, now: int) -> None:
        if full_at > now:
            self._full_at[name] = full_at
        if len(self._full_at) > MOST_BUCKETS:
            self._full_at.popitem(last=False)
