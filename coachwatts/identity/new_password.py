"""A password that somebody chose: accepted by the rules and hashed. It takes a while, so no transaction is open meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from coachwatts.security import password_rules, passwords


@dataclass(frozen=True, slots=True)
class Chosen:
    """Made by `choose` alone; what stores a password asks for one of these."""

    hash: str = field(repr=False)


async def choose(password: str, *, about: Iterable[str], field: str = "password") -> Chosen:
    """Raises InvalidInput: TOO_SHORT, TOO_LONG, TOO_COMMON."""
    await password_rules.check(password, about=about, field=field)
    return Chosen(await passwords.hash_password(password))
