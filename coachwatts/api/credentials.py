"""How a credential comes in and a session goes out: cookie, Authorization header, or a socket's connection parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from coachwatts.api.context import Context
from coachwatts.api.pubsub import News
from coachwatts.config import Settings
from coachwatts.errors import NotAllowed, Unauthenticated
from coachwatts.identity import recognition
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client
from coachwatts.runtime import Runtime
from coachwatts.security.devices import LONGEST_HEADER

LONGEST = 200
UNREADABLE = "?"  # stands for a credential of the wrong type: refused like any other that we never made


@dataclass(frozen=True, slots=True)
class Credential:
    text: str
    by_cookie: bool


def credential_of(connection: HTTPConnection, params: Mapping[str, Any] | None, settings: Settings) -> Credential | None:
    """What was said on purpose comes before the cookie, which browsers send unasked."""
    given = (params or {}).get("authorization", (params or {}).get("Authorization", connection.headers.get("authorization")))
    if given is None:
        cookie = connection.cookies.get(cookie_name(settings))
        return Credential(cookie[:LONGEST], by_cookie=True) if cookie else None
    scheme, _, rest = given.strip().partition(" ") if isinstance(given, str) else ("", "", UNREADABLE)
    text = rest.strip() if rest else scheme
    return Credential(text[:LONGEST] or UNREADABLE, by_cookie=False)


def cookie_name(settings: Settings) -> str:
    """The __Host- prefix pins the cookie to this host and https; browsers refuse it on plain http."""
    return "__Host-cw" if settings.is_https else "cw"


def require_cookie_jar(context: Context) -> None:
    """Asked before anything is written: a socket has no answer that could carry a cookie."""
    if context.response is None:
        raise NotAllowed("A socket cannot set a cookie. Send this by POST.")


def hand_over(context: Context, begun: Begun, *, in_cookie: bool) -> str | None:
    """The token of a session to the client: the cookie, or the text for a payload."""
    if not in_cookie:
        return begun.token.text
    require_cookie_jar(context)
    _write_cookie(context, begun.token.text, expires=begun.session.expires_at if begun.session.remember_me else None)
    return None


def forget_cookie(context: Context) -> None:
    """Over a socket the cookie stays behind; the session that it names has ended."""
    if context.response is not None:
        _write_cookie(context, "", max_age=0, expires=0)


def _write_cookie(context: Context, text: str, **lasts: Any) -> None:
    settings = context.runtime.settings
    cookie = {"path": "/", "secure": settings.is_https, "httponly": True, "samesite": "lax", **lasts}
    if context.response is not None:
        context.response.set_cookie(cookie_name(settings), text, **cookie)


def client_of(connection: HTTPConnection) -> Client:
    user_agent = connection.headers.get("user-agent")
    return Client(
        ip=connection.client.host if connection.client else None,
        user_agent=user_agent and user_agent[:LONGEST_HEADER],
        request_id=str(connection.scope.get("state", {}).get("request_id", "")),
    )


class ContextFactory:
    def __init__(self, runtime: Runtime, news: News) -> None:
        self._runtime = runtime
        self._news = news

    async def __call__(self, connection: HTTPConnection, response: Response | None, params: Mapping[str, Any] | None) -> Context:
        context = Context(self._runtime, client_of(connection), self._news, response)
        if credential := credential_of(connection, params, self._runtime.settings):
            context.by_cookie = credential.by_cookie
            try:
                context.viewer = await recognition.recognise(self._runtime.db, credential.text)
            except Unauthenticated as refused:
                context.refused = refused
        return context

    async def is_current(self, context: Context) -> bool:
        """A session may end while its socket is open."""
        if context.viewer is None:
            return context.refused is None
        return await recognition.is_live(self._runtime.db, context.viewer)
