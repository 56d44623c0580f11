"""The HTTP door: routes, middleware, and what is opened and closed with the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from coachwatts import config, logs
from coachwatts.api.failure import answer_http_exception, answer_our_error
from coachwatts.api.middleware.body_cap import BodyCap
from coachwatts.api.middleware.hosts import Hosts
from coachwatts.api.middleware.last_resort import LastResort
from coachwatts.api.middleware.observation import Observation
from coachwatts.api.middleware.peer import Peer
from coachwatts.api.middleware.request_id import RequestId
from coachwatts.api.middleware.security_headers import SecurityHeaders
from coachwatts.api.pubsub import News
from coachwatts.api.routes import make_pages, routes
from coachwatts.api.view import PATH as GRAPHQL
from coachwatts.config import Settings
from coachwatts.errors import CoachWattsError
from coachwatts.health import LoopLag
from coachwatts.runtime import Runtime


def create_app(settings: Settings | None = None) -> Starlette:
    chosen = settings or config.load()
    logs.configure(chosen)
    runtime, lag, pages = Runtime.of(chosen), LoopLag(), make_pages(chosen)
    news = News(runtime.redis)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(lag.watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await news.close()
            await runtime.close()

    app = Starlette(
        routes=routes(runtime, news, lag, pages),
        middleware=middleware(chosen),
        exception_handlers={HTTPException: answer_http_exception, CoachWattsError: answer_our_error},
        lifespan=lifespan,
    )
    app.state.pages = pages  # for refusals, which are made before any route is known
    app.router.redirect_slashes = False  # one address, one meaning
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """Outermost first: who is asking and under which id, what is written down, what may go out, what may come in."""
    return [
        Middleware(Peer, trusted_proxies=settings.trusted_proxies),
        Middleware(RequestId),
        Middleware(Observation),
        Middleware(SecurityHeaders, https=settings.is_https),
        Middleware(LastResort),
        Middleware(Hosts, settings=settings),
        Middleware(BodyCap, own={GRAPHQL: None}),
    ]
