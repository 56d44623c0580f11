import base64
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Text, Uuid

from coachwatts.api.cursors import decode_cursor, encode_cursor
from coachwatts.db.keyset import Keyset
from coachwatts.errors import InvalidInput

EVERYTHING = Keyset(
    "everything",
    (
        Column("moment", DateTime(timezone=True)),
        Column("day", Date),
        Column("text", Text),
        Column("number", Integer),
        Column("share", Float),
        Column("flag", Boolean),
        Column("id", Uuid),
    ),
)
KEY = (datetime(2026, 11, 20, 6, 30, 0, 123456, tzinfo=UTC), date(2026, 11, 20), "Zürich", -3, 0.1, True, UUID(int=5))
keys = st.tuples(
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.uuids(),
)


@given(keys)
def test_a_key_comes_back_as_it_was(key: tuple[object, ...]) -> None:
    assert decode_cursor(EVERYTHING, encode_cursor(EVERYTHING, key), "after") == key


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_an_error_that_names_the_argument(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode_cursor(EVERYTHING, text, "before")
    assert refused.value.problems[0].field == ("before",)
    assert "before" in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b'[1,"everything"]',
        b'[2,"everything","2026-11-20T00:00:00+00:00","2026-11-20","a",1,1.0,true,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"another","2026-11-20T00:00:00+00:00","2026-11-20","a",1,1.0,true,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"everything",5,"2026-11-20","a",1,1.0,true,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"everything","0001-01-01T00:00:00+23:59","2026-11-20","a",1,1.0,true,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"everything","2026-11-20T00:00:00+00:00","2026-11-20","a",true,1.0,true,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"everything","2026-11-20T00:00:00+00:00","2026-11-20","a",1,"nan",1,"00000000-0000-0000-0000-000000000005"]',
        b'[1,"everything","2026-11-20T00:00:00+00:00","2026-11-20","a",1,1.0,true,{}]',
        b"{}",
        b"7",
        b"null",
    ],
)
def test_a_forged_cursor_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(EVERYTHING, base64.urlsafe_b64encode(raw).decode(), "after")


def test_a_long_text_is_not_even_decoded() -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(EVERYTHING, encode_cursor(EVERYTHING, KEY) + "=" * 1000, "after")


def test_a_cursor_without_its_time_zone_is_refused() -> None:
    naive = (KEY[0].replace(tzinfo=None), *KEY[1:])
    with pytest.raises(InvalidInput):
        decode_cursor(EVERYTHING, encode_cursor(EVERYTHING, naive), "after")
