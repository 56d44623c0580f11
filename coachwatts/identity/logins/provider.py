"""Sign-in elsewhere: away to a provider with a trip's secrets, back with a code, and the code becomes an identity."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from ssl import SSLContext
from traceback import extract_tb
from typing import Any, ClassVar, TypeAlias
from urllib.parse import urlsplit

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from coachwatts.config import Login
from coachwatts.identity.logins.errors import ProviderFailed, ProviderRefused

LONGEST_SUBJECT = 255  # OpenID Connect allows no more
ONE_ANSWER_S, ALL_ANSWERS_S = 5, 12

OAuthClient: TypeAlias = Any  # Authlib has no types
_open: OAuthClient = AsyncOAuth2Client

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What ties an answer to the trip that asked."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the browser brought back."""

    code: str = field(repr=False)
    issuer: str | None = None
    session_state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider, and what the provider vouches for."""

    subject: str
    email: str | None
    email_is_verified: bool
    name: str
    tokens: dict[str, Any] = field(repr=False)
    session_state: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.subject) <= LONGEST_SUBJECT or not self.subject.isprintable():
            raise ValueError("no subject that could be kept")


class Provider(ABC):
    kind: ClassVar[str]

    def __init__(self, name: str, title: str, login: Login, redirect_uri: str) -> None:
        self.name = name
        self.title = title
        self._login = login
        self._redirect_uri = redirect_uri

    @abstractmethod
    async def departure(self, secrets: Secrets) -> str:
        """The address to send the browser to. Raises ProviderFailed."""

    @abstractmethod
    async def identify(self, arrival: Arrival, secrets: Secrets) -> Identity:
        """Raises ProviderRefused and ProviderFailed."""

    def address(self, url: str) -> str:
        """With an origin configured, scheme and host of every address give way to it; its path stays in front of theirs."""
        if not self._login.origin:
            return url
        parts = urlsplit(url)
        return f"{self._login.origin}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    @asynccontextmanager
    async def client(self, *, secret_by_post: bool = False) -> AsyncIterator[OAuthClient]:
        """Whatever the other side does wrong inside comes out as ProviderRefused or ProviderFailed."""
        try:
            async with asyncio.timeout(ALL_ANSWERS_S), self._connection(secret_by_post) as connection:
                yield connection
        except OAuthError as refused:
            log.warning("login_refused", provider=self.name, error=str(refused.error)[:100])
            raise ProviderRefused(self.title) from None
        except Exception as failure:  # noqa: BLE001 - malformed answers break wherever they are first used, in Authlib and joserfc too
            place = extract_tb(failure.__traceback__)[-1]  # not the message: it may quote a token
            log.warning("login_failed", provider=self.name, error=type(failure).__name__, at=f"{place.name}:{place.lineno}")
            raise ProviderFailed(self.title) from None

    def _connection(self, secret_by_post: bool) -> OAuthClient:
        return _open(
            self._login.client_id,
            self._login.client_secret.get_secret_value(),
            redirect_uri=self._redirect_uri,
            token_endpoint_auth_method="client_secret_post" if secret_by_post else "client_secret_basic",
            code_challenge_method="S256",
            timeout=ONE_ANSWER_S,
            follow_redirects=False,
            verify=_tls(),
        )


async def read_json(client: OAuthClient, url: str, token: str | None = None) -> Any:
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    answer = await client.request("GET", url, headers=headers, withhold_token=True)
    answer.raise_for_status()
    return answer.json()


@cache
def _tls() -> SSLContext:
    return httpx2.create_ssl_context()
