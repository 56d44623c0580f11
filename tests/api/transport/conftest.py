"""The scratch endpoint, in development and in production, in this process and on a real port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from coachwatts.api.view import Policy
from tests.api.transport.scratch import Server, development, production

Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    """Makes a client of the endpoint under a policy."""
    async with AsyncExitStack() as stack:
        made: list[httpx.AsyncClient] = []

        def make(policy: Policy, trusted: dict[str, str] | None = None) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(server.app(policy, trusted))
            made.append(httpx.AsyncClient(transport=transport, base_url="http://server.test"))
            stack.push_async_callback(made[-1].aclose)
            return made[-1]

        yield make


@pytest.fixture
def dev(client: Client) -> httpx.AsyncClient:
    return client(development())


@pytest.fixture
def prod(client: Client) -> httpx.AsyncClient:
    return client(production())


@pytest.fixture
def ask(dev: httpx.AsyncClient) -> Callable[..., Any]:
    async def send(query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        response = await dev.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        return response.json()

    return send


@asynccontextmanager
async def listening(app: Starlette) -> AsyncIterator[str]:
    """The app on a free port: `host:port`."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        ws="websockets-sansio",
        ws_max_size=65_536,
        log_level="error",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has only this flag
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        await task
