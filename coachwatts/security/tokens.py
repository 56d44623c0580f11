"""Opaque tokens: 256 random bits behind a prefix that says what they open.

`cwp_` + 43 characters of randomness + 6 characters of checksum, all base62: one double-click selects it, a secret scanner can
tell a real one from a look-alike without asking us, and a mistyped one is refused before any look-up. Only the hash is stored.
"""

import re
import secrets
import string
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Self
from zlib import crc32

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH = 43  # 62 ** 43 is just above 2 ** 256
CHECKSUM_LENGTH = 6  # 62 ** 6 is above 2 ** 32
VISIBLE_LENGTH = 6
SHAPE = re.compile(rf"cw[a-z]_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)
LENGTH = 4 + SECRET_LENGTH + CHECKSUM_LENGTH


class TokenKind(StrEnum):
    """A token of one kind never opens the door of another. A prefix is never given a second meaning."""

    SESSION = "cws"
    PERSONAL = "cwp"
    EMAIL = "cwe"
    INVITE = "cwi"
    TICKET = "cwt"
    OAUTH_STATE = "cwo"
    BROWSER = "cwb"  # ties a trip to a provider to the browser that began it
    ADMIN_LINK = "cwa"


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str = field(repr=False)
    """The secret itself: shown once, to its owner."""

    @classmethod
    def new(cls, kind: TokenKind) -> Self:
        body = f"{kind}_" + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
        return cls(kind, body + _checksum(body))

    @classmethod
    def parse(cls, text: str, kind: TokenKind) -> Self | None:
        """None for whatever we cannot have made, in time that does not grow with the junk."""
        if len(text) != LENGTH or not SHAPE.fullmatch(text) or not text.startswith(f"{kind}_"):
            return None
        body, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
        return cls(kind, text) if checksum == _checksum(body) else None

    @property
    def hash(self) -> bytes:
        """32 bytes for storage and look-up. A plain hash is enough: nobody guesses 256 bits."""
        return sha256(self.text.encode()).digest()

    @property
    def prefix(self) -> str:
        """`cwp_Ab12Cd`: lets an owner recognise it in a list; 220 bits stay secret."""
        return self.text[: len(self.kind) + 1 + VISIBLE_LENGTH]

    def matches(self, stored_hash: bytes) -> bool:
        return compare_digest(self.hash, stored_hash)


def _checksum(body: str) -> str:
    number = crc32(body.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
