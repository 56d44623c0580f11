"""The start page: what runs here; sign up and in; the account of whoever is signed in."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.identity.logins import LoginAccount
from coachwatts.api.routes.entrance import Entrance
from coachwatts.identity.logins import accounts
from coachwatts.identity.viewer import Viewer
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages


class Welcome:
    def __init__(self, runtime: Runtime, entrance: Entrance, pages: Pages, explorer: str | None) -> None:
        self._runtime = runtime
        self._entrance = entrance
        self._pages = pages
        self._explorer = explorer

    async def show(self, request: Request) -> Response:
        values = await self._entrance.values(request)
        linked = await self._linked(values["viewer"]) if values["viewer"] else {}
        mode = self._runtime.settings.mode.value
        return HTMLResponse(self._pages.render("welcome", mode=mode, explorer=self._explorer, linked=linked, **values))

    async def _linked(self, viewer: Viewer) -> dict[str, str]:
        """Provider to the id of the viewer's identity there."""
        async with self._runtime.db.read(viewer.scope) as session:
            rows = await accounts.linked(session, viewer.user_id)
        return {row.provider: LoginAccount.from_row(row).id for row in rows}
