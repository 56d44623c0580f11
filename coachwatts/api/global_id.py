"""Global ids: base64 of `Type:athlete:key`.

The athlete is part of the id so that access is checked on the athlete first, and the key of a daily row is its date, so that
rebuilt rows keep their ids. Clients never take an id apart.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self
from uuid import UUID

_FORM = re.compile(r"(?P<type>[A-Za-z]{1,40}):(?P<athlete>[0-9a-f]{32}):(?P<key>[A-Za-z0-9._~-]{1,100})")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class GlobalId:
    type: str
    athlete: UUID
    key: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.type}:{self.athlete.hex}:{self.key}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything that `str` of a GlobalId would not have written: one thing has one id."""
        if len(text) > _LONGEST:
            return None
        try:
            decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except (binascii.Error, ValueError):
            return None
        match = _FORM.fullmatch(decoded)
        if match is None:
            return None
        found = cls(match["type"], UUID(match["athlete"]), match["key"])
        return found if str(found) == text else None

    @property
    def key_as_uuid(self) -> UUID | None:
        try:
            return UUID(self.key)
        except ValueError:
            return None
