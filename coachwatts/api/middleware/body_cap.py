"""No request makes us read more than its route allows."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coachwatts.api.failure import refusal

MOST_BYTES = 16 * 1024
MESSAGE = "The request is larger than this address accepts."


class BodyCap:
    """`own`: paths whose route counts for itself, or may read more."""

    def __init__(self, app: ASGIApp, own: Mapping[str, int | None]) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self._own.get(scope["path"], MOST_BYTES) if scope["type"] == "http" else None
        if most is None:
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced[:20]) > most:
            await refusal(scope, 413, "REQUEST_TOO_LARGE", MESSAGE, {"connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _counting(receive, most), send)


def _counting(receive: Receive, most: int) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:  # a chunked body announces nothing
            raise HTTPException(413, MESSAGE, {"connection": "close"})
        return message

    return counted
