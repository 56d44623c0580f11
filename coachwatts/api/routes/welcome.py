"""The start page: what runs here; sign up and in; the account of whoever is signed in."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.credentials import ContextFactory
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages


class Welcome:
    def __init__(self, runtime: Runtime, contexts: ContextFactory, pages: Pages, graphiql: str | None) -> None:
        self._runtime = runtime
        self._contexts = contexts
        self._pages = pages
        self._graphiql = graphiql

    async def show(self, request: Request) -> Response:
        context = await self._contexts(request, None, None)
        settings = self._runtime.settings
        return HTMLResponse(
            self._pages.render(
                "welcome",
                viewer=context.viewer,
                mode=settings.mode.value,
                graphiql=self._graphiql,
                providers=[],
                linked={},
                sign_up_open=True,
            )
        )
