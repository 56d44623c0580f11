"""Answers only under our own name: a page elsewhere cannot make a browser take us for its own host."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from coachwatts.api.failure import refusal
from coachwatts.config import LOOPBACK, Settings

HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
PROBES = {"/healthz", "/readyz", "/metrics"}  # asked under whatever address the prober knows; they tell the same to everybody


class Hosts:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        own = urlsplit(settings.base_url).hostname or ""
        self._allowed = LOOPBACK if own in LOOPBACK else {own}
        self._message = f"This server answers as {settings.base_url}. Use that address, or set COACHWATTS_PUBLIC_URL to this one."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"] in PROBES or self._is_ours(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, 400, "WRONG_HOST", self._message)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "wrong host"})

    def _is_ours(self, scope: Scope) -> bool:
        given = [HOST.fullmatch(value) for value in Headers(scope=scope).getlist("host")]
        match = given[0] if len(given) == 1 else None
        return match is not None and match["name"].strip("[]").lower() in self._allowed
