"""The GraphQL endpoint as an ASGI app: HTTP, event streams and WebSocket under one path."""

from dataclasses import dataclass, field

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema

from coachwatts.api.explorer.routes import PATH as EXPLORER
from coachwatts.api.explorer.routes import explorer_routes
from coachwatts.api.transport.documents import Documents
from coachwatts.api.transport.execution import TIME_LIMIT_S, Engine
from coachwatts.api.transport.http import HttpTransport
from coachwatts.api.transport.manifest import every_document, load_trusted
from coachwatts.api.transport.origin import ASKS_FIRST, OriginRule
from coachwatts.api.transport.persisted import PersistedDocuments
from coachwatts.api.transport.ports import GetContext, IsCurrent, Purse
from coachwatts.api.transport.statuses import Profile
from coachwatts.api.transport.websocket import SocketRules, SocketTransport
from coachwatts.config import Settings
from coachwatts.resources import folder

COOKIES = ("__Host-cw", "cw")
PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class Policy:
    """How open the endpoint is."""

    own_origin: str
    other_origins: frozenset[str] = frozenset()
    introspection: bool = False
    explains: bool = False
    """Suggestions and schema words in errors, text by GET: for developers."""
    only_trusted: bool = False
    register: bool = False
    profile: Profile = Profile.AUDIT
    time_limit_s: float = TIME_LIMIT_S
    sockets: SocketRules = field(default_factory=SocketRules)

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        development = not settings.is_production
        return cls(
            own_origin=settings.base_url,
            other_origins=frozenset(settings.cors_origins),
            introspection=development if settings.introspection is None else settings.introspection,
            explains=development,
            only_trusted=settings.trusted_documents_only,
            register=settings.automatic_persisted_queries,
        )


class GraphQLApp:
    def __init__(
        self,
        schema: Schema,
        *,
        policy: Policy,
        get_context: GetContext,
        is_current: IsCurrent,
        purse: Purse,
        trusted: dict[str, str] | None = None,
    ) -> None:
        """`trusted`: hash to text; by default what lies in `graphql/`, in production what its manifest lists."""
        if trusted is None:
            trusted = every_document(folder("graphql")) if policy.explains else load_trusted(folder("graphql"))
        engine = Engine(
            schema,
            Documents(schema._schema, introspection=policy.introspection, explains=policy.explains),  # noqa: SLF001 - it has no public name
            PersistedDocuments(trusted, only_trusted=policy.only_trusted, register=policy.register),
            purse,
            policy.time_limit_s,
        )
        origins = OriginRule(policy.own_origin, policy.other_origins, COOKIES)
        self._http = HttpTransport(engine, origins, get_context, is_current, policy.profile, text_by_get=policy.explains)
        self._sockets = SocketTransport(engine, origins, get_context, is_current, policy.sockets)
        self._policy = policy

    @property
    def explorer(self) -> str | None:
        """Where developers find the page to try things out; none in production."""
        return EXPLORER if self._policy.explains else None

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self._with_cors()), WebSocketRoute(PATH, self), *(explorer_routes() if self.explorer else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._sockets.serve(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        if self.explorer and _is_visit(request):
            await RedirectResponse(self.explorer, 303)(scope, receive, send)
            return
        response = await self._http.answer(request)
        await response(scope, receive, send)

    def _with_cors(self) -> ASGIApp:
        return CORSMiddleware(
            self,
            allow_origins=sorted(self._policy.other_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", *ASKS_FIRST],
            allow_credentials=True,
            expose_headers=["retry-after", "x-request-id"],
        )


def _is_visit(request: Request) -> bool:
    """Somebody opened the address in a browser."""
    return request.method == "GET" and not request.query_params and "text/html" in request.headers.get("accept", "")
