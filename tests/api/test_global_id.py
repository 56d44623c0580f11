import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.api.global_id import GlobalId

ATHLETE = UUID(int=0xABCDEF)
types = st.text("ABCXYZabcxyz", min_size=1, max_size=40)
keys = st.uuids().map(str) | st.dates().map(str) | st.from_regex(r"[A-Za-z0-9._~-]{1,40}", fullmatch=True)


@given(types, st.uuids(), keys)
def test_an_id_comes_back_as_it_was(type_name: str, athlete: UUID, key: str) -> None:
    wanted = GlobalId(type_name, athlete, key)
    assert GlobalId.parse(str(wanted)) == wanted


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_none_or_exactly_one_id(text: str) -> None:
    found = GlobalId.parse(text)
    assert found is None or str(found) == text


@pytest.mark.parametrize(
    "decoded",
    [
        "User",
        "User:x:1",
        f"User:{ATHLETE}:1",  # dashes: another spelling of the same id
        f"User:{ATHLETE.hex.upper()}:1",
        f":{ATHLETE.hex}:1",
        f"User:{ATHLETE.hex}:",
        f"User:{ATHLETE.hex}:1:2",
        f"User:{ATHLETE.hex}:1\n",
        f"Us er:{ATHLETE.hex}:1",
    ],
)
def test_a_malformed_id_is_none(decoded: str) -> None:
    assert GlobalId.parse(base64.urlsafe_b64encode(decoded.encode()).decode().rstrip("=")) is None


def test_there_is_one_spelling() -> None:
    text = str(GlobalId("User", ATHLETE, "1"))
    assert GlobalId.parse(text + "=") is None
    assert GlobalId.parse(text + "!") is None
    assert GlobalId.parse("x" * 10_000) is None


def test_the_key_may_be_an_id_or_a_date() -> None:
    assert GlobalId("Workout", ATHLETE, str(UUID(int=3))).key_as_uuid == UUID(int=3)
    assert GlobalId("DailyMetric", ATHLETE, "2026-11-20").key_as_uuid is None
