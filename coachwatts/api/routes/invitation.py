"""Where a coaching invitation leads: who invites, to what, and a button."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coachwatts.api.routes.entrance import Entrance
from coachwatts.api.routes.notices import notice
from coachwatts.db.scope import Scope
from coachwatts.identity import invitations
from coachwatts.models.user import Capability
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages

GONE = 410


class InvitationPage:
    def __init__(self, runtime: Runtime, entrance: Entrance, pages: Pages) -> None:
        self._runtime = runtime
        self._entrance = entrance
        self._pages = pages

    async def show(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            async with self._runtime.db.read(Scope.nobody()) as session:
                preview = await invitations.look(session, token)
        except invitations.InvitationOver as over:
            return notice(self._pages, over, "This invitation does not work any longer", status=GONE)
        values = await self._entrance.values(request, token)
        viewer = values["viewer"]
        is_own = viewer is not None and viewer.user_id == preview.inviter_id
        is_coach = viewer is not None and Capability.COACH in viewer.capabilities
        text = self._pages.render("invitation", token=token, preview=preview, is_own=is_own, is_coach=is_coach, **values)
        return HTMLResponse(text)
