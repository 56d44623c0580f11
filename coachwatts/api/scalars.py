"""Scalars with strict input and errors that never show Python's words."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

T = TypeVar("T", date, datetime)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _reader(parse: Callable[[str], T], expected: str) -> Callable[[Any], T]:
    def read(value: Any) -> T:
        try:
            return parse(value)
        except (TypeError, ValueError):
            raise GraphQLError(f"Expected {expected}.") from None

    return read


def _parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    return moment


def _parse_day(text: str) -> date:
    if not _DAY.fullmatch(text):  # fromisoformat also takes week dates and dates without dashes
        raise ValueError(text)
    return date.fromisoformat(text)


def _write_moment(value: datetime) -> datetime:
    """Stays a datetime: the encoder writes it faster than isoformat would, and with Z."""
    if value.tzinfo is None:
        raise GraphQLError("a moment without a time zone")
    return value


def _write_day(value: date) -> date:
    if isinstance(value, datetime):
        raise GraphQLError("a moment where a day belongs")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment: RFC 3339 date and time with an offset, such as 2026-11-20T06:30:00Z.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_write_moment,
        parse_value=_reader(_parse_moment, "a date and time with an offset, such as 2026-11-20T06:30:00Z"),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day without a time zone, such as 2026-11-20.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_write_day,
        parse_value=_reader(_parse_day, "a day, such as 2026-11-20"),
    ),
}
"""For StrawberryConfig(scalar_map=…)."""
