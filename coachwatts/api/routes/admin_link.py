"""Where the one-time link leads that makes the first administrator: sign in first, then a button."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.routes.entrance import Entrance
from coachwatts.api.routes.notices import notice
from coachwatts.db.scope import Scope
from coachwatts.identity import admin_link
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages

GONE = 410


class AdminLinkPage:
    def __init__(self, runtime: Runtime, entrance: Entrance, pages: Pages) -> None:
        self._runtime = runtime
        self._entrance = entrance
        self._pages = pages

    async def show(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            async with self._runtime.db.read(Scope.nobody()) as session:
                await admin_link.look(session, token)
        except admin_link.AdminLinkExpired as expired:
            return notice(self._pages, expired, "This link does not work any longer", status=GONE)
        return HTMLResponse(self._pages.render("admin_link", token=token, **await self._entrance.values(request)))
