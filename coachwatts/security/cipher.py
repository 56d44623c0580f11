"""Secrets at rest: AES-256-GCM under a ring of keys, each value tied to the place where it lies.

A sealed value is version (1 byte), length of the key id (1), key id, nonce (12), ciphertext and tag. The place goes in as
associated data, so a value copied into another row, column or athlete does not open. The first key seals, every key opens.

CannotOpen
├── UnknownKey   the ring lacks the key it was sealed with
└── Tampered     it was changed, moved, or never was a sealed value
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
KEY_LENGTH = 32
NONCE_LENGTH = 12
TAG_LENGTH = 16
KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


class CannotOpen(Exception):
    """A secret that is there and cannot be read. A fault of the installation, never of the caller's input."""


class UnknownKey(CannotOpen):
    def __init__(self, key_id: str) -> None:
        super().__init__(f"The key '{key_id}' is missing. Put it back behind the newer ones, then run `coachwatts keys rotate`.")
        self.key_id = key_id


class Tampered(CannotOpen):
    def __init__(self, place: "Place") -> None:
        super().__init__(
            f"The secret in {place} does not open: it was changed or moved, or its key id now stands for another key. "
            "Restore the row or the key from a backup, or clear the column and let its owner enter the secret again."
        )
        self.place = place


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lies. `owner` is the row's athlete_id, else its user_id, else nobody's."""

    table: str
    owner: UUID | None
    row: UUID
    column: str

    def __str__(self) -> str:
        return f"{self.table}|{self.owner or ''}|{self.row}|{self.column}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a column holds. Its `repr` shows the key id alone."""

    data: bytes = field(repr=False)

    @property
    def key_id(self) -> str | None:
        """None when these bytes never were a sealed value."""
        if len(self.data) < 2 or self.data[0] != VERSION or len(self.data) < self._header_length + NONCE_LENGTH + TAG_LENGTH:
            return None
        text = self.data[2 : self._header_length].decode("ascii", errors="replace")
        return text if KEY_ID.fullmatch(text) else None

    def __repr__(self) -> str:
        return f"Sealed(key={self.key_id!r})"

    @property
    def _header_length(self) -> int:
        return 2 + self.data[1]


def header(key_id: str) -> bytes:
    """What every value sealed with this key begins with."""
    return bytes([VERSION, len(key_id)]) + key_id.encode("ascii")


class KeyRing:
    """Keys by id, newest first. Nothing of them shows in its `repr`."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("a ring needs a key")
        if wrong := [key_id for key_id, key in keys.items() if not KEY_ID.fullmatch(key_id) or len(key) != KEY_LENGTH]:
            raise ValueError(f"not a key of {KEY_LENGTH} bytes with a short plain id: {wrong}")
        self._keys = MappingProxyType(dict(keys))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    @property
    def primary(self) -> str:
        return self.ids[0]

    def seal(self, text: str, place: Place) -> Sealed:
        head, nonce = header(self.primary), os.urandom(NONCE_LENGTH)
        cipher = self._ciphers[self.primary].encrypt(nonce, text.encode(), head + str(place).encode())
        return Sealed(head + nonce + cipher)

    def open(self, sealed: Sealed, place: Place) -> str:
        """Raises UnknownKey or Tampered."""
        key_id = sealed.key_id
        if key_id is None:
            raise Tampered(place)
        if key_id not in self._ciphers:
            raise UnknownKey(key_id)
        head = header(key_id)
        nonce, cipher = sealed.data[len(head) :][:NONCE_LENGTH], sealed.data[len(head) + NONCE_LENGTH :]
        try:
            return self._ciphers[key_id].decrypt(nonce, cipher, head + str(place).encode()).decode()
        except InvalidTag:
            raise Tampered(place) from None

    def subkeys(self, purpose: str) -> tuple[bytes, ...]:
        """A key for one purpose from each key of the ring: make signatures with the first, accept those of any."""
        return tuple(_derive(key, f"purpose {purpose}") for key in self._keys.values())

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.ids)})"

    @cached_property
    def _ciphers(self) -> Mapping[str, AESGCM]:
        return {key_id: AESGCM(_derive(key, "secrets at rest")) for key_id, key in self._keys.items()}


def _derive(key: bytes, use: str) -> bytes:
    """No two uses share key material. The master key is random already, so HKDF needs no salt."""
    return HKDF(SHA256(), KEY_LENGTH, salt=None, info=f"coachwatts {use}".encode()).derive(key)
