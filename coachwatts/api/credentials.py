"""How a credential comes in and a session goes out: cookie, Authorization header, or a socket's connection parameters."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from coachwatts.api.context import Context
from coachwatts.config import Settings
from coachwatts.errors import NotAllowed, Unauthenticated
from coachwatts.identity import sessions
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client
from coachwatts.runtime import Runtime

LONGEST = 200


def cookie_name(settings: Settings) -> str:
    """The __Host- prefix pins the cookie to this host and https; browsers refuse it on plain http."""
    return "__Host-cw" if settings.is_https else "cw"


def set_cookie(context: Context, begun: Begun) -> None:
    if context.response is None:
        raise NotAllowed("A socket cannot set a cookie. Sign in by POST.", field="transport")
    settings = context.runtime.settings
    context.response.set_cookie(
        cookie_name(settings),
        begun.token.text,
        expires=begun.session.expires_at if begun.session.remember_me else None,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(context: Context) -> None:
    if context.response is not None:
        settings = context.runtime.settings
        context.response.delete_cookie(cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")


def credential_of(connection: HTTPConnection, params: Mapping[str, Any] | None, settings: Settings) -> str | None:
    given = (params or {}).get("authorization") or (params or {}).get("Authorization") or connection.headers.get("authorization")
    if isinstance(given, str):
        scheme, _, token = given.strip().partition(" ")
        return token.strip() if scheme.lower() == "bearer" else given.strip()
    return connection.cookies.get(cookie_name(settings))


def client_of(connection: HTTPConnection) -> Client:
    user_agent = connection.headers.get("user-agent")
    return Client(
        ip=connection.client.host if connection.client else None,
        user_agent=user_agent and user_agent[:512],
        request_id=str(connection.scope.get("state", {}).get("request_id", "")),
    )


class ContextFactory:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, connection: HTTPConnection, response: Response | None, params: Mapping[str, Any] | None) -> Context:
        context = Context(self._runtime, client_of(connection), response)
        if credential := credential_of(connection, params, self._runtime.settings):
            try:
                context.viewer = await sessions.recognise(self._runtime.db, credential[:LONGEST])
            except Unauthenticated as refused:
                context.refused = refused
        return context

    async def is_current(self, context: Context) -> bool:
        """A session may end while its socket is open."""
        if context.viewer is None:
            return context.refused is None
        return await sessions.is_live(self._runtime.db, context.viewer)
