import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.security.tokens import ALPHABET, LENGTH, Token, TokenKind


@pytest.mark.parametrize("kind", TokenKind)
def test_a_new_token_parses_as_its_own_kind_and_as_no_other(kind: TokenKind) -> None:
    token = Token.new(kind)
    assert [other for other in TokenKind if Token.parse(token.text, other)] == [kind]
    assert Token.parse(token.text, kind) == token


def test_prefixes_are_unique_and_fixed() -> None:
    assert {kind.name: kind.value for kind in TokenKind} == {
        "SESSION": "cws",
        "PERSONAL": "cwp",
        "EMAIL": "cwe",
        "INVITE": "cwi",
        "TICKET": "cwt",
        "OAUTH_STATE": "cwo",
        "BROWSER": "cwb",
        "ADMIN_LINK": "cwa",
    }


def test_a_token_carries_256_bits_of_randomness() -> None:
    tokens = {Token.new(TokenKind.SESSION).text for _ in range(200)}
    assert len(tokens) == 200
    assert len(ALPHABET) ** 43 > 2**256
    used = {character for text in tokens for character in text[4:-6]}
    assert used == set(ALPHABET)


def test_one_double_click_selects_a_token() -> None:
    assert re.fullmatch(r"\w+", Token.new(TokenKind.PERSONAL).text)


@given(place=st.integers(0, LENGTH - 1), character=st.sampled_from(ALPHABET + "_"))
def test_one_mistyped_character_is_noticed_without_a_look_up(place: int, character: str) -> None:
    text = Token.new(TokenKind.EMAIL).text
    mistyped = text[:place] + character + text[place + 1 :]
    assert (Token.parse(mistyped, TokenKind.EMAIL) is not None) == (mistyped == text)


@given(st.text(max_size=80))
def test_junk_is_refused(text: str) -> None:
    assert Token.parse(text, TokenKind.SESSION) is None


@pytest.mark.parametrize("around", [" {}", "{} ", "{}\n", "{}{}", "\x00{}", "{}\N{COMBINING ACUTE ACCENT}"])
def test_nothing_may_stand_around_a_token(around: str) -> None:
    text = Token.new(TokenKind.SESSION).text
    assert Token.parse(around.format(text, text), TokenKind.SESSION) is None


def test_digits_of_other_scripts_are_no_token() -> None:
    assert Token.parse("cws_" + "\N{ARABIC-INDIC DIGIT ONE}" * (LENGTH - 4), TokenKind.SESSION) is None


def test_what_is_stored_is_a_hash_and_matches_only_its_token() -> None:
    token, other = Token.new(TokenKind.INVITE), Token.new(TokenKind.INVITE)
    assert token.hash == sha256(token.text.encode()).digest()
    assert token.matches(token.hash)
    assert not token.matches(other.hash)


def test_the_visible_prefix_is_short() -> None:
    token = Token.new(TokenKind.PERSONAL)
    assert token.prefix == token.text[:10]
    assert token.prefix.startswith("cwp_")


def test_the_secret_does_not_show_in_repr_or_str() -> None:
    token = Token.new(TokenKind.SESSION)
    for shown in (repr(token), str(token), f"{token}", repr([token])):
        assert token.text[4:] not in shown
        assert token.prefix not in shown
