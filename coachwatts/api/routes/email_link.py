"""Where the links of mails lead. Opening the page uses nothing up: mail programs open links to look what is behind them."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.routes.notices import notice
from coachwatts.db.scope import Scope
from coachwatts.identity import links
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages

GONE = 410


class EmailLink:
    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages

    async def show(self, request: Request) -> Response:
        token = request.path_params["token"]
        async with self._runtime.db.read(Scope.nobody()) as session:
            purpose = await links.describe(session, token)
        if purpose is None:
            return notice(self._pages, links.LinkExpired(), "This link does not work any longer", status=GONE)
        return HTMLResponse(self._pages.render("email_link", purpose=purpose.value, token=token))
