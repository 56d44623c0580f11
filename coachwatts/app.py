"""The HTTP door: routes, middleware, and what is opened and closed with the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from coachwatts import config, logs
from coachwatts.api.routes import routes
from coachwatts.config import Settings
from coachwatts.runtime import open_runtime


def create_app(settings: Settings | None = None) -> Starlette:
    chosen = settings or config.load()
    logs.configure(chosen)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_runtime(chosen) as runtime:
            app.router.routes.extend(routes(runtime))
            yield

    return Starlette(lifespan=lifespan)
