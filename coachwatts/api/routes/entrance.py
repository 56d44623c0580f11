"""Who is at the door, and which ways in there are: what every page with the sign-in card needs to know."""

from typing import Any

from starlette.requests import Request

from coachwatts.api.credentials import ContextFactory
from coachwatts.db.scope import Scope
from coachwatts.errors import CoachWattsError, InvalidInput
from coachwatts.identity import sign_up
from coachwatts.identity.logins import trips
from coachwatts.identity.logins.registry import titles
from coachwatts.runtime import Runtime


class Entrance:
    def __init__(self, runtime: Runtime, contexts: ContextFactory) -> None:
        self._runtime = runtime
        self._contexts = contexts

    async def values(self, request: Request, invitation: str | None = None) -> dict[str, Any]:
        context = await self._contexts(request, None, None)
        is_pending = context.viewer is None and context.known is not None
        closed = None if context.viewer else await self._why_closed(invitation)
        return {
            "viewer": context.viewer,
            "panel": "second-step" if is_pending else "sign-in",
            "providers": titles(self._runtime.settings),
            "sign_up_closed": closed,
            "invitation": invitation or "",
            "return_to": self._return_to(request),
        }

    def _return_to(self, request: Request) -> str:
        """Where to go once signed in: what was asked for, if we send people there; a page of its own comes back to itself."""
        try:
            return trips.check_return_to(self._runtime.settings, request.query_params.get("return_to", request.scope["path"]))
        except InvalidInput:
            return "/"

    async def _why_closed(self, invitation: str | None) -> str | None:
        try:
            async with self._runtime.db.read(Scope.nobody()) as session:
                await sign_up.require_open(session, self._runtime.settings, invitation)
        except CoachWattsError as reason:
            return str(reason)
        return None
