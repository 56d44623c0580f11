"""Answers only under our own name: a page elsewhere cannot make a browser take us for its own host."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from coachwatts.api.failure import refusal
from coachwatts.config import LOOPBACK, Settings

HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
PROBES = {"/healthz", "/readyz", "/metrics"}  # asked under whatever address the prober knows; they tell the same to everybody
BEHIND_A_PROXY = (
    "This server is set up for its own machine alone, and a proxy stands before it. "
    "Set COACHWATTS_PUBLIC_URL to the address that people use, and COACHWATTS_TRUSTED_PROXIES to the proxy's."
)


class Hosts:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        own = urlsplit(settings.base_url).hostname or ""
        self._allowed = LOOPBACK if own in LOOPBACK else {own}
        self._shows_links = settings.shows_links
        self._message = f"This server answers as {settings.base_url}. Use that address, or set COACHWATTS_PUBLIC_URL to this one."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"] in PROBES:
            await self._app(scope, receive, send)
        elif message := self._why_not(scope):
            await self._refuse(message, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, message: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await refusal(scope, 400, "WRONG_HOST", message)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "wrong host"})

    def _why_not(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        if self._shows_links and any(name in headers for name in FORWARDED):
            return BEHIND_A_PROXY  # links that sign in, shown to whomever the proxy lets in
        return None if self._is_ours(headers) else self._message

    def _is_ours(self, headers: Headers) -> bool:
        given = [HOST.fullmatch(value) for value in headers.getlist("host")]
        match = given[0] if len(given) == 1 else None
        return match is not None and match["name"].strip("[]").lower() in self._allowed
