"""One log line and three figures per request. Neither holds who asked, nor anything of the address but its route."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coachwatts.metrics import HTTP_REQUESTS, HTTP_RUNNING, HTTP_SECONDS

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUIET = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds
GONE = 499  # the caller left before the answer began

log = structlog.get_logger()


class Observation:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began, status, took = perf_counter(), GONE, None

        async def noticing(message: Message) -> None:
            nonlocal status, took
            if took is None:
                took = perf_counter() - began  # a stream may last for hours; what counts is when it began
                status = _status(message)
            await send(message)

        with HTTP_RUNNING.track_inprogress():
            try:
                await self._app(scope, receive, noticing)
            finally:
                _record(scope, status, perf_counter() - began if took is None else took)


def _status(message: Message) -> int:
    """A socket is accepted or refused with its first message."""
    if message["type"] == "http.response.start" or message["type"] == "websocket.http.response.start":
        return int(message["status"])
    return 101 if message["type"] == "websocket.accept" else 403


def _record(scope: Scope, status: int, took: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = "SOCKET" if scope["type"] == "websocket" else scope["method"] if scope["method"] in METHODS else "OTHER"
    HTTP_REQUESTS.labels(route, method, status).inc()
    HTTP_SECONDS.labels(route).observe(took)
    write = log.error if status >= 500 else log.debug if route in QUIET else log.info
    write("request", method=method, route=route, status=status, ms=round(took * 1000, 1))
