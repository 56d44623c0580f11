"""A client as a browser is one: keeps cookies and says on every request which page it comes from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.kit.api import Api

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@asynccontextmanager
async def browser(http: httpx.AsyncClient, **headers: str) -> AsyncIterator[Api]:
    """On the server that `http` speaks to, with a cookie jar of its own."""
    own = {"user-agent": CHROME, "origin": str(http.base_url).rstrip("/"), "sec-fetch-site": "same-origin", **headers}
    async with httpx.AsyncClient(transport=http._transport, base_url=http.base_url, headers=own) as client:
        yield Api(client)
