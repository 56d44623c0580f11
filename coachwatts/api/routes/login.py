"""Sign-in elsewhere, as the browser walks it: away to the provider, back with an answer."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coachwatts.api.browser import browser_cookie, keep_browser
from coachwatts.api.context import Context
from coachwatts.api.credentials import ContextFactory, client_of, hand_over
from coachwatts.api.identity.sign_in import end_replaced
from coachwatts.api.routes.notices import kindly
from coachwatts.db.scope import Scope
from coachwatts.errors import NotAllowed, NotFound
from coachwatts.identity.invitations import PATH as INVITATION
from coachwatts.identity.logins import accounts, trips
from coachwatts.identity.logins.errors import ProviderRefused, TripLost
from coachwatts.identity.logins.provider import Arrival, Identity, Provider
from coachwatts.identity.logins.registry import providers
from coachwatts.identity.logins.trips import Browser, Trip
from coachwatts.identity.pace import LEAVE_FOR_PROVIDER
from coachwatts.runtime import Runtime
from coachwatts.web.pages import Pages


class LoginRoutes:
    def __init__(self, runtime: Runtime, contexts: ContextFactory, pages: Pages) -> None:
        self._runtime = runtime
        self._contexts = contexts
        self._pages = pages
        self._providers = providers(runtime.settings)

    def routes(self) -> list[Route]:
        leave, come_back = kindly(self._pages, self.leave), kindly(self._pages, self.come_back)
        return [Route("/auth/{name}", leave, methods=["GET"]), Route("/auth/{name}/callback", come_back, methods=["GET"])]

    async def leave(self, request: Request) -> Response:
        provider = self._provider(request)
        if request.method == "HEAD" or request.headers.get("sec-fetch-dest", "document") != "document":
            raise NotAllowed("Open this address in a browser's window.")
        await LEAVE_FOR_PROVIDER.keep(self._runtime, client_of(request))
        browser = Browser.of(request.cookies.get(browser_cookie(self._runtime.settings)))
        trip = await self._trip(request, provider, browser)
        response = RedirectResponse(await provider.departure(trip.secrets), 303)
        keep_browser(response, self._runtime.settings, browser)
        return response

    async def _trip(self, request: Request, provider: Provider, browser: Browser) -> Trip:
        """The one that `linkLogin` began, or a new one."""
        settings, keys = self._runtime.settings, self._runtime.keys
        async with self._runtime.db.write(Scope.nobody()) as session:
            if begun := request.query_params.get("trip"):
                return await trips.find(session, keys, provider.name, begun, browser.token.text)
            return_to = trips.check_return_to(settings, request.query_params.get("return_to", "/"))
            return trips.begin(session, keys, provider.name, browser, return_to)

    async def come_back(self, request: Request) -> Response:
        provider, query = self._provider(request), request.query_params
        if request.method == "HEAD":
            raise NotAllowed("Open this address in a browser's window.")
        cookie = request.cookies.get(browser_cookie(self._runtime.settings))
        async with self._runtime.db.write(Scope.nobody()) as session:
            trip = await trips.end(session, self._runtime.keys, provider.name, query.get("state", ""), cookie)
        if not query.get("code") or "error" in query:
            raise ProviderRefused(provider.title)
        arrival = Arrival(query["code"], query.get("iss"), query.get("session_state"))
        identity = await provider.identify(arrival, trip.secrets)
        sketch = Response()
        context = await self._contexts(request, sketch, None)
        goal = await self._settle(context, trip, provider, identity)
        response = RedirectResponse(goal, 303)
        response.raw_headers.extend(header for header in sketch.raw_headers if header[0] == b"set-cookie")
        return response

    async def _settle(self, context: Context, trip: Trip, provider: Provider, identity: Identity) -> str:
        """Where to go from here."""
        if trip.user_id is not None:
            if context.viewer is None or context.viewer.user_id != trip.user_id:
                raise TripLost  # somebody else has signed in meanwhile
            async with context.write() as session:
                await accounts.link(session, self._runtime.keys, (context.viewer, context.client), provider, identity)
            return trip.return_to
        async with context.write(Scope.nobody()) as session:
            invitation = trip.return_to.removeprefix(f"{INVITATION}/")  # who follows one comes back to it
            begun = await accounts.enter(session, self._runtime, context.client, provider, identity, invitation=invitation)
        await end_replaced(context, in_cookie=True)
        hand_over(context, begun, in_cookie=True)
        return f"/?{urlencode({'return_to': trip.return_to})}" if begun.session.second_factor_due else trip.return_to

    def _provider(self, request: Request) -> Provider:
        provider = self._providers.get(request.path_params["name"])
        if provider is None:
            raise NotFound("There is no such way to sign in here.")
        return provider
