import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from coachwatts.security import passwords
from coachwatts.security.passwords import NOBODY, hash_password, needs_rehash, verify

PASSWORD = "four quiet green bicycles"


class Watched(PasswordHasher):
    """Counts what is really computed: wall time on a busy machine proves nothing."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19_456, parallelism=1)
        self.checked: list[Any] = []
        self.running = self.most = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        with self._lock:
            self.checked.append(extract_parameters(str(hash)))
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            return super().verify(hash, password)
        finally:
            with self._lock:
                self.running -= 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    hasher = Watched()
    monkeypatch.setattr(passwords, "HASHER", hasher)
    return hasher


async def test_the_right_password_matches_and_another_does_not() -> None:
    stored = await hash_password(PASSWORD)
    assert PASSWORD not in stored
    assert await verify(stored, PASSWORD)
    assert not await verify(stored, PASSWORD + "x")
    assert not await verify(stored, "")


async def test_hashes_are_argon2id_with_the_agreed_cost_and_a_fresh_salt() -> None:
    first, second = await asyncio.gather(hash_password(PASSWORD), hash_password(PASSWORD))
    assert first != second
    found = extract_parameters(first)
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19_456, 2, 1)


async def test_an_unknown_user_costs_the_same_computation(watched: Watched) -> None:
    stored = await hash_password(PASSWORD)
    assert not await verify(stored, "wrong")
    assert not await verify(None, "wrong")
    known, unknown = watched.checked
    assert known == unknown


async def test_no_password_fits_the_unknown_user() -> None:
    assert not await verify(None, PASSWORD)
    assert not await verify(None, "")
    assert extract_parameters(NOBODY) == extract_parameters(await hash_password(PASSWORD))


async def test_the_accent_may_be_typed_either_way() -> None:
    stored = await hash_password("caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait")
    assert await verify(stored, "cafe\N{COMBINING ACUTE ACCENT} au lait")
    assert not await verify(stored, "cafe au lait")


async def test_half_a_surrogate_pair_is_a_password_like_any_other() -> None:
    stored = await hash_password("half \ud83d pair")
    assert await verify(stored, "half \ud83d pair")
    assert not await verify(stored, "half \ud83e pair")


@pytest.mark.parametrize("damaged", ["", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_damaged_hash_matches_nothing(damaged: str) -> None:
    assert not await verify(damaged, PASSWORD)


async def test_an_endless_password_costs_nothing_for_anybody(watched: Watched) -> None:
    stored = await hash_password(PASSWORD)
    endless = "\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}" * 50_000
    assert not await verify(stored, endless)
    assert not await verify(None, endless)
    assert watched.checked == []


async def test_only_older_parameters_ask_for_another_hash() -> None:
    assert not needs_rehash(await hash_password(PASSWORD))
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD))


async def test_a_crowd_is_served_two_at_a_time_while_the_loop_goes_on(watched: Watched) -> None:
    ticks = 0
    crowd = asyncio.gather(*(verify(None, PASSWORD) for _ in range(8)))
    while not crowd.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert not any(await crowd)
    assert (len(watched.checked), watched.most) == (8, 2)
    assert ticks > 8
