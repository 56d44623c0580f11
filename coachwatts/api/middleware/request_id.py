"""One id per request: in the log, in masked errors, in the answer."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from coachwatts.ids import new_id

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestId:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        with bound_contextvars(request_id=request_id):
            await self._app(scope, receive, naming)


def _given(scope: Scope) -> str | None:
    """Our proxy may have named the request already; anybody else could forge another's id."""
    if not scope.get("state", {}).get("by_proxy"):
        return None
    given = Headers(scope=scope).get("x-request-id", "")
    return given if SANE.fullmatch(given) else None
