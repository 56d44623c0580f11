"""The whole stack of middleware around a few routes of a test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from coachwatts.app import create_app
from coachwatts.config import Settings
from coachwatts.errors import CoachWattsError

raised: list[CoachWattsError] = []
"""What /raise raises next."""


async def whoami(request: Request) -> Response:
    return JSONResponse({"client": request.client and request.client.host, "id": request.scope["state"]["request_id"]})


async def count(request: Request) -> Response:
    return Response(str(len(await request.body())))


async def crash(_: Request) -> Response:
    raise ValueError("password=hunter2")


async def crash_midway(_: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise ValueError("the rest is missing")

    return StreamingResponse(body())


async def raise_next(_: Request) -> Response:
    raise raised.pop()


async def page(_: Request) -> Response:
    return HTMLResponse("<h1>Hello</h1>", headers={"cache-control": "max-age=60"})


ROUTES = [
    Route("/whoami", whoami),
    Route("/count/{secret}", count, methods=["POST"]),
    Route("/crash", crash),
    Route("/crash-midway", crash_midway),
    Route("/raise", raise_next),
    Route("/page", page),
]


@asynccontextmanager
async def scratch_server(settings: Settings, client: str = "127.0.0.1", **changed: Any) -> AsyncIterator[httpx.AsyncClient]:
    chosen = settings.model_copy(update=changed)
    app = create_app(chosen)
    app.router.routes[:] = ROUTES
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, client=(client, 50000))
        async with httpx.AsyncClient(transport=transport, base_url=chosen.base_url) as http:
            yield http
