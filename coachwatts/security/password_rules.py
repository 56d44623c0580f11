"""Which passwords we accept: any of 8 to 256 characters that is not among the first million guesses."""

import asyncio
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import islice

from coachwatts.errors import ErrorCode, InvalidInput
from coachwatts.security.passwords import LONGEST, LONGEST_RAW, composed

SHORTEST = 8
MILLION = 10**6
JUDGED = 24  # zxcvbn takes 0.3 s for the worst 24 characters and 1.1 s for the worst 64; a strong beginning is strong enough
OUR_NAMES = ("coachwatts", "coach", "watts")

_ONE_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password-rules")  # zxcvbn keeps the user's words in a global


async def check(password: str, *, about: Iterable[str] = (), field: str = "password") -> None:
    """Raises InvalidInput: TOO_SHORT, TOO_LONG, TOO_COMMON. `about`: the user's name and e-mail, which an attacker tries first."""
    text = composed(password) if len(password) <= LONGEST_RAW else password
    if len(text) < SHORTEST:
        raise InvalidInput.of(field, f"Use at least {SHORTEST} characters.", ErrorCode.TOO_SHORT)
    if len(text) > LONGEST:
        raise InvalidInput.of(field, f"Use at most {LONGEST} characters.", ErrorCode.TOO_LONG)
    guesses = await asyncio.get_running_loop().run_in_executor(_ONE_THREAD, _guesses, text[:JUDGED], _words(about))
    if guesses < MILLION:
        raise InvalidInput.of(field, "This password is easy to guess. Use a few unrelated words, for example.", ErrorCode.TOO_COMMON)


def _words(about: Iterable[str]) -> list[str]:
    """Of anna.smith@example.org: anna.smith, annasmith, anna, smith, example.org, exampleorg, example, org."""
    parts = (part for text in about for part in text[:254].lower().split("@"))
    found = (word for part in parts for word in (part, re.sub(r"[\W_]", "", part), *re.split(r"[\W_]+", part)) if len(word) > 2)
    return [*OUR_NAMES, *islice(found, 20)]


def _guesses(text: str, words: list[str]) -> float:
    zxcvbn = import_module("zxcvbn")  # here: 50 ms and 10 MB of word lists that most processes never need
    return float(zxcvbn.zxcvbn(text, user_inputs=words)["guesses"])
