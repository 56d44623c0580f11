"""Cursors: opaque to clients, for us the version, the list and the typed key of a row."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from coachwatts.db.keyset import Key, Keyset
from coachwatts.errors import InvalidInput

VERSION = 1
_LONGEST = 400


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)  # overflows here, not in the database, at the ends of time


_READERS: dict[type, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: _moment,
    date: date.fromisoformat,
    str: _exactly(str),
    int: _exactly(int),
    float: float,
    bool: _exactly(bool),
}


def encode_cursor(keyset: Keyset, key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([VERSION, keyset.name, *key], default=str)).decode().rstrip("=")


def decode_cursor(keyset: Keyset, text: str, argument: str) -> Key:
    """Raises InvalidInput, which names the argument."""
    try:
        return _decode(keyset, text)
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError):
        raise InvalidInput.of(argument, f"'{argument}' is not a cursor of this list. Use one that the list gave you.") from None


def _decode(keyset: Keyset, text: str) -> Key:
    if len(text) > _LONGEST:
        raise ValueError
    version, name, *values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if version != VERSION or name != keyset.name:
        raise ValueError
    return tuple(_READERS[kind](value) for kind, value in zip(keyset.types, values, strict=True))
