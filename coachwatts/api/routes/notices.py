"""Pages that a person is sent to by a link or a provider: what goes wrong there is told in words, with a way on."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.failure import headers_of, status_of
from coachwatts.errors import CoachWattsError
from coachwatts.web.pages import Pages

Endpoint = Callable[[Request], Awaitable[Response]]


def kindly(pages: Pages, endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except CoachWattsError as failure:
            return notice(pages, failure)

    return answer


def notice(pages: Pages, failure: CoachWattsError, title: str = "That did not work", *, status: int | None = None) -> Response:
    text = pages.render("notice", title=title, text=str(failure), actions=[("Go to the start page", "/")])
    return HTMLResponse(text, status or status_of(failure), headers_of(failure))
