"""Every address that this server answers."""

from starlette.routing import BaseRoute

from coachwatts.api.credentials import ContextFactory
from coachwatts.api.purse import ThrottledPurse
from coachwatts.api.schema import schema
from coachwatts.api.view import GraphQLApp, Policy
from coachwatts.runtime import Runtime


def routes(runtime: Runtime) -> list[BaseRoute]:
    contexts = ContextFactory(runtime)
    graphql = GraphQLApp(
        schema, policy=Policy.of(runtime.settings), get_context=contexts, is_current=contexts.is_current, purse=ThrottledPurse(runtime.throttle)
    )
    return [*graphql.routes()]
