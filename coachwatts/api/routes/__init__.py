"""Every address that this server answers."""

from starlette.routing import BaseRoute, Route

from coachwatts.api.credentials import ContextFactory
from coachwatts.api.pubsub import News
from coachwatts.api.purse import ThrottledPurse
from coachwatts.api.routes.admin_link import AdminLinkPage
from coachwatts.api.routes.assets import asset_routes
from coachwatts.api.routes.email_link import EmailLink
from coachwatts.api.routes.entrance import Entrance
from coachwatts.api.routes.invitation import InvitationPage
from coachwatts.api.routes.login import LoginRoutes
from coachwatts.api.routes.probes import Probes
from coachwatts.api.routes.welcome import Welcome
from coachwatts.api.schema import schema
from coachwatts.api.transport.manifest import assemble
from coachwatts.api.view import GraphQLApp, Policy
from coachwatts.config import Settings
from coachwatts.health import LoopLag, Readiness
from coachwatts.identity.invitations import PATH as INVITATION
from coachwatts.resources import folder
from coachwatts.runtime import Runtime
from coachwatts.web.assets import Assets
from coachwatts.web.pages import Pages


def make_pages(settings: Settings) -> Pages:
    documents = {document.name: document.digest for document in assemble(folder("graphql"))}
    return Pages(Assets(documents), demo=settings.demo)


def routes(runtime: Runtime, news: News, lag: LoopLag, pages: Pages) -> list[BaseRoute]:
    settings = runtime.settings
    contexts = ContextFactory(runtime, news)
    purse = ThrottledPurse(runtime.throttle)
    graphql = GraphQLApp(schema, policy=Policy.of(settings), get_context=contexts, is_current=contexts.is_current, purse=purse)
    entrance = Entrance(runtime, contexts)
    return [
        *graphql.routes(),
        *Probes(settings, lag, Readiness(runtime), runtime.db).routes(),
        *asset_routes(pages.assets),
        Route("/", Welcome(runtime, entrance, pages, graphql.explorer).show),
        Route(f"{INVITATION}/{{token}}", InvitationPage(runtime, entrance, pages).show),
        Route("/auth/email/{token}", EmailLink(runtime, pages).show),
        Route("/auth/admin/{token}", AdminLinkPage(runtime, entrance, pages).show),
        *LoginRoutes(runtime, contexts, pages).routes(),
    ]
