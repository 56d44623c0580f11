import os
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.security.cipher import CannotOpen, KeyRing, Place, Sealed, Tampered, UnknownKey, header

OLD, NEW = os.urandom(32), os.urandom(32)
PLACE = Place("integration", UUID(int=1), UUID(int=2), "access_token")

places = st.builds(
    Place,
    table=st.sampled_from(["integration", "totp"]),
    owner=st.none() | st.uuids(),
    row=st.uuids(),
    column=st.sampled_from(["access_token", "refresh_token"]),
)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing({"old": OLD})


@given(text=st.text(), place=places)
def test_what_is_sealed_opens_in_its_place(text: str, place: Place) -> None:
    ring = KeyRing({"old": OLD})
    assert ring.open(ring.seal(text, place), place) == text


@given(one=places, other=places)
def test_a_value_does_not_open_in_another_place(one: Place, other: Place) -> None:
    ring = KeyRing({"old": OLD})
    sealed = ring.seal("secret", one)
    if one == other:
        assert ring.open(sealed, other) == "secret"
    else:
        with pytest.raises(Tampered):
            ring.open(sealed, other)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="login_account"),
        replace(PLACE, owner=uuid4()),
        replace(PLACE, owner=None),
        replace(PLACE, row=uuid4()),
        replace(PLACE, column="refresh_token"),
    ],
)
def test_every_part_of_the_place_counts(ring: KeyRing, elsewhere: Place) -> None:
    with pytest.raises(Tampered):
        ring.open(ring.seal("secret", PLACE), elsewhere)


def test_any_changed_byte_is_noticed(ring: KeyRing) -> None:
    data = ring.seal("secret", PLACE).data
    for index in range(len(data)):
        for flip in (0x01, 0x80):
            changed = bytearray(data)
            changed[index] ^= flip
            with pytest.raises(CannotOpen):
                ring.open(Sealed(bytes(changed)), PLACE)


def test_any_truncation_or_addition_is_noticed(ring: KeyRing) -> None:
    data = ring.seal("secret", PLACE).data
    for wrong in (*(data[:length] for length in range(len(data))), data + b"\x00"):
        with pytest.raises(Tampered):
            ring.open(Sealed(wrong), PLACE)


@given(st.binary(max_size=200))
def test_bytes_that_never_were_sealed_are_refused(data: bytes) -> None:
    with pytest.raises(CannotOpen):
        KeyRing({"old": OLD}).open(Sealed(data), PLACE)


def test_the_same_text_never_looks_the_same_twice(ring: KeyRing) -> None:
    assert len({ring.seal("secret", PLACE).data for _ in range(100)}) == 100


def test_the_first_key_seals_and_every_key_opens(ring: KeyRing) -> None:
    both = KeyRing({"new": NEW, "old": OLD})
    assert both.open(ring.seal("secret", PLACE), PLACE) == "secret"
    assert both.seal("secret", PLACE).key_id == "new"


def test_after_resealing_the_old_key_can_go(ring: KeyRing) -> None:
    both = KeyRing({"new": NEW, "old": OLD})
    resealed = both.seal(both.open(ring.seal("secret", PLACE), PLACE), PLACE)
    assert KeyRing({"new": NEW}).open(resealed, PLACE) == "secret"


def test_a_missing_key_is_named_with_what_to_do(ring: KeyRing) -> None:
    with pytest.raises(UnknownKey, match=r"'old' is missing.*keys rotate"):
        KeyRing({"new": NEW}).open(ring.seal("secret", PLACE), PLACE)


def test_another_key_under_the_same_id_does_not_open(ring: KeyRing) -> None:
    with pytest.raises(Tampered, match="another key"):
        KeyRing({"old": NEW}).open(ring.seal("secret", PLACE), PLACE)


def test_no_secret_shows_in_repr_or_errors(ring: KeyRing) -> None:
    sealed = ring.seal("secret", PLACE)
    assert repr(sealed) == str(sealed) == "Sealed(key='old')"
    assert repr(Sealed(b"plain secret")) == "Sealed(key=None)"
    assert repr(ring) == "KeyRing(old)"
    with pytest.raises(Tampered) as tampered:
        ring.open(Sealed(sealed.data[:-1]), PLACE)
    assert "secret'" not in str(tampered.value)
    assert tampered.value.__cause__ is None


def test_a_sealed_value_is_as_long_as_its_text_and_37_bytes(ring: KeyRing) -> None:
    assert len(ring.seal("x" * 400, PLACE).data) == 400 + len(header("old")) + 12 + 16


@pytest.mark.parametrize("keys", [{}, {"a": b"short"}, {"": OLD}, {"a b": OLD}, {"a|b": OLD}, {"x" * 33: OLD}, {"é": OLD}])
def test_a_ring_of_wrong_keys_cannot_be_made(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(keys)


def test_subkeys_differ_by_purpose_and_by_key() -> None:
    both = KeyRing({"new": NEW, "old": OLD})
    cursors, audit = both.subkeys("cursor"), both.subkeys("audit")
    assert len({*cursors, *audit, OLD, NEW}) == 6
    assert both.subkeys("cursor") == cursors
    assert KeyRing({"old": OLD}).subkeys("cursor") == cursors[1:]
