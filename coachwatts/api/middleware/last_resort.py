"""What nobody expected: logged with everything, told with nothing but the request id."""

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coachwatts.api.failure import refusal

log = structlog.get_logger()


class LastResort:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except ClientDisconnect:
            return
        except Exception:
            if begun:
                raise  # the server cuts the connection, so that half an answer is not taken for a whole one
            log.exception("request_failed", route=getattr(scope.get("route"), "path", "none"))
            await refusal(scope, 500, "INTERNAL", "Something went wrong on our side. Try again later.")(scope, receive, send)
