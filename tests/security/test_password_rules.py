from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coachwatts.errors import ErrorCode, InvalidInput
from coachwatts.security.password_rules import check

ABOUT = ("Anna Smith", "anna.smith@example.org")


async def refusal(password: str, *about: str) -> ErrorCode | None:
    try:
        await check(password, about=about)
    except InvalidInput as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "four quiet green bicycles",
        "Tr0ub4dor&3",
        "korrekt-pferd",
        "только мои слова",
        "自転車に乗るのが好きです",
        " spaces are fine ",
        "\N{BICYCLE}\N{MOUNTAIN}\N{SNOWFLAKE}\N{FIRE}\N{UMBRELLA}\N{ROCKET}\N{ANCHOR}\N{CACTUS}",
        "kx7" * 5 + "y" * 241,
    ],
)
async def test_any_characters_will_do(password: str) -> None:
    assert await refusal(password, *ABOUT) is None


@pytest.mark.parametrize("password", ["", "x7#kQ2!", "e\N{COMBINING ACUTE ACCENT}" * 7])
async def test_fewer_than_8_characters_are_too_few(password: str) -> None:
    assert await refusal(password) is ErrorCode.TOO_SHORT


@pytest.mark.parametrize("password", ["kx7#" * 64 + "y", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200])
async def test_more_than_256_characters_are_too_many(password: str) -> None:
    assert await refusal(password) is ErrorCode.TOO_LONG


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Password1",
        "12345678",
        "qwertyuiop",
        "iloveyou123",
        "p@ssw0rd!",
        "aaaaaaaaaaaa",
        "abcdefghij",
        "coachwatts1",
        "11.11.1991",
    ],
)
async def test_what_everybody_uses_is_refused(password: str) -> None:
    assert await refusal(password) is ErrorCode.TOO_COMMON


@pytest.mark.parametrize("password", ["AnnaSmith", "annasmith7", "anna.smith", "smith2024"])
async def test_what_others_know_about_the_user_is_refused(password: str) -> None:
    assert await refusal(password, *ABOUT) is ErrorCode.TOO_COMMON


async def test_one_users_name_is_forgotten_for_the_next() -> None:
    odd = "Zbqvwkrm"
    assert await refusal(f"{odd}1", f"{odd}@example.org") is ErrorCode.TOO_COMMON
    assert await refusal(f"{odd}1") is None


async def test_the_problem_names_the_field_and_says_what_to_do() -> None:
    with pytest.raises(InvalidInput, match="unrelated words") as refused:
        await check("password", field="new_password")
    assert refused.value.problems[0].field == ("new_password",)


async def test_the_longest_and_worst_input_is_judged_in_bounded_time() -> None:
    worst = "4@8({6<9|1!7|0$5+7%2" * 12
    begun = perf_counter()
    assert await refusal(worst, "x" * 1_000_000, *ABOUT) is None
    assert perf_counter() - begun < 5


@settings(max_examples=40, deadline=None)
@given(password=st.text(max_size=40), name=st.text(max_size=40))
async def test_no_text_breaks_the_check(password: str, name: str) -> None:
    await refusal(password, name)
