from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from coachwatts.api.scalars import SCALARS
from coachwatts.api.transport.encoding import encode

MOMENT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
WRITTEN: dict[str, Any] = {"moment": MOMENT, "day": date(2026, 11, 20)}


@strawberry.type
class Query:
    @strawberry.field
    def moment(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat()

    @strawberry.field
    def day(self, on: date) -> str:
        return on.isoformat()

    @strawberry.field
    def written_moment(self) -> datetime:
        return WRITTEN["moment"]  # type: ignore[no-any-return]

    @strawberry.field
    def written_day(self) -> date:
        return WRITTEN["day"]  # type: ignore[no-any-return]


schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))


def ask(text: str, **variables: Any) -> Any:
    result = schema.execute_sync(text, variables)
    return [error.message for error in result.errors] if result.errors else orjson.loads(encode(result.data))


@pytest.mark.parametrize("text", ["2026-11-20T06:30:00Z", "2026-11-20T07:30:00+01:00", "2026-11-20T06:30Z", "2026-11-20T06:30:00.000Z"])
def test_a_moment_with_an_offset_is_read(text: str) -> None:
    for answer in (ask(f'{{ moment(at: "{text}") }}'), ask("query ($at: DateTime!) { moment(at: $at) }", at=text)):
        assert answer == {"moment": "2026-11-20T06:30:00+00:00"}


@pytest.mark.parametrize("value", ["2026-11-20T06:30:00", "2026-11-20", "20 Nov", "", 5, None, True, [], {}, "2026-11-20 06:30:00Z"])
def test_anything_else_is_no_moment(value: Any) -> None:
    (message,) = ask("query ($at: DateTime!) { moment(at: $at) }", at=value)
    assert "isoformat" not in message
    assert "Python" not in message


@pytest.mark.parametrize("value", ["2026-1-1", "20261120", "2026-W47-5", "2026-02-30", "2026-11-20T00:00:00Z", 5, ["2026-11-20"]])
def test_a_day_is_written_one_way(value: Any) -> None:
    (message,) = ask("query ($on: Date!) { day(on: $on) }", on=value)
    assert "a day, such as 2026-11-20" in message


def test_a_day_is_read() -> None:
    assert ask('{ day(on: "2026-11-20") }') == {"day": "2026-11-20"}


def test_both_are_written_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("{ writtenMoment writtenDay }") == {"writtenMoment": "2026-11-20T06:30:00Z", "writtenDay": "2026-11-20"}
    monkeypatch.setitem(WRITTEN, "moment", MOMENT.astimezone(timezone(timedelta(hours=1))))
    assert ask("{ writtenMoment }") == {"writtenMoment": "2026-11-20T07:30:00+01:00"}


def test_a_moment_without_a_zone_or_in_place_of_a_day_is_our_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WRITTEN, "moment", MOMENT.replace(tzinfo=None))
    monkeypatch.setitem(WRITTEN, "day", MOMENT)
    assert len(ask("{ writtenMoment }")) == 1
    assert len(ask("{ writtenDay }")) == 1
