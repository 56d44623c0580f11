"""Everything that a run sends and gets over HTTP, and the secrets in it."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from coachwatts.config import Settings
from tests.kit.api import serving

TOKEN = re.compile(r"cw[a-z]_[0-9A-Za-z]{49}")
SECRET_FIELDS = {"password", "newPassword", "currentPassword", "secret", "recoveryCode", "recoveryCodes", "token"}
SECRET_ARGUMENTS = {"code", "state", "code_verifier", "access_token"}


@dataclass
class Wire:
    texts: list[str] = field(default_factory=list)

    async def note_request(self, request: httpx.Request) -> None:
        self.texts += [str(request.url), str(request.headers.multi_items()), request.content.decode()]

    async def note_response(self, response: httpx.Response) -> None:
        self.texts += [str(response.headers.multi_items()), (await response.aread()).decode()]

    def secrets(self) -> set[str]:
        found = {token for text in self.texts for token in TOKEN.findall(text)}
        for text in self.texts:
            if text.startswith(("{", "[")) and not text.startswith("[("):
                found.update(_secret_values(json.loads(text)))
            for address in re.findall(r"https?://[^\s'\"]+", text):
                found.update(value for name, value in parse_qsl(urlsplit(address).query) if name in SECRET_ARGUMENTS)
        return found


@asynccontextmanager
async def tapped(settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, Wire]]:
    wire = Wire()
    async with serving(settings) as http:
        http.event_hooks = {"request": [wire.note_request], "response": [wire.note_response]}
        yield http, wire


def _secret_values(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Strings below a field whose name says that it holds a secret."""
    match value:
        case dict():
            for name, part in value.items():
                yield from _secret_values(part, secret=name in SECRET_FIELDS)
        case list():
            for part in value:
                yield from _secret_values(part, secret=secret)
        case str() if secret and value:
            yield value
