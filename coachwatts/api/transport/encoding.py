"""Answers to bytes."""

from typing import Any
from uuid import UUID

import orjson


def encode(value: Any) -> bytes:
    return orjson.dumps(value, default=_encode_rest, option=orjson.OPT_UTC_Z)


def _encode_rest(value: Any) -> str:
    if isinstance(value, UUID):  # orjson takes UUID itself but not the driver's subclass of it
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
