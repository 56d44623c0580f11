"""UUIDv7 keys: made in the application, ordered by time, so that new rows land at the end of an index."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """RFC 9562 version 7 with a monotonic 12-bit counter taken from the sub-millisecond clock (method 3)."""
    global _last  # noqa: PLW0603 - one counter for the whole process is the point
    with _lock:
        nanoseconds = time.time_ns()
        millis, rest = divmod(nanoseconds, 1_000_000)
        stamp = (millis << 12) | (rest * 4096 // 1_000_000)
        _last = stamp = max(stamp, _last + 1)
    millis, counter = stamp >> 12, stamp & 0xFFF
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(millis << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail)
