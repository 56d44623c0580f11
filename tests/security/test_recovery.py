import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.security.recovery import ALPHABET, hash_code, new_codes


def test_ten_codes_of_80_bits_that_differ() -> None:
    codes = new_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", code) for code in codes)
    assert len(set(ALPHABET)) == 32


def test_codes_use_the_whole_alphabet() -> None:
    assert {character for _ in range(20) for code in new_codes() for character in code} == {*ALPHABET, "-"}


def test_each_code_has_a_hash_of_its_own_that_does_not_show_it() -> None:
    codes = new_codes()
    hashes = {hash_code(code) for code in codes}
    assert len(hashes) == 10
    assert all(isinstance(found, bytes) and len(found) == 32 for found in hashes)


def test_a_code_may_be_copied_carelessly_from_paper() -> None:
    for code in new_codes():
        expected = hash_code(code)
        assert expected is not None
        careless = [code.upper(), code.replace("-", ""), code.replace("-", " "), f" {code}\n", code.replace("0", "O").replace("1", "l")]
        assert {hash_code(typed) for typed in careless} == {expected}


@pytest.mark.parametrize("typed", ["", "abcd-efgh", "u" * 16, "0" * 15, "0" * 17, "-" * 16, "0000-0000-0000-000é", "0" * 16 + " " * 10**6])
def test_what_is_no_code_has_no_hash(typed: str) -> None:
    assert hash_code(typed) is None


@given(st.text(max_size=70))
def test_junk_never_raises(typed: str) -> None:
    hash_code(typed)
