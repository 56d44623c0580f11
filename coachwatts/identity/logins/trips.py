"""The way to a provider and back: found by its state, bound to one browser, good for one return within ten minutes."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.encrypted import place_of
from coachwatts.db.session import WriteSession
from coachwatts.errors import InvalidInput
from coachwatts.identity.logins.errors import TripLost
from coachwatts.identity.logins.provider import Secrets
from coachwatts.identity.repository import logins as repository
from coachwatts.ids import new_id
from coachwatts.models.sign_in import OAuthFlow
from coachwatts.security.cipher import KeyRing
from coachwatts.security.tokens import Token, TokenKind

LASTS = timedelta(minutes=10)
LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Trip:
    secrets: Secrets
    return_to: str
    user_id: UUID | None
    """Set when an identity is to be added to somebody who is signed in."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser's own token, in a cookie: one for all its trips, so that two tabs do not disturb each other."""

    token: Token = field(repr=False)

    @classmethod
    def of(cls, cookie: str | None) -> Self:
        return cls((Token.parse(cookie, TokenKind.BROWSER) if cookie else None) or Token.new(TokenKind.BROWSER))


def begin(session: WriteSession, keys: KeyRing, provider: str, browser: Browser, return_to: str, *, user_id: UUID | None = None) -> Trip:
    state = Token.new(TokenKind.OAUTH_STATE)
    trip = Trip(Secrets(state.text, secrets.token_urlsafe(32), secrets.token_urlsafe(48)), return_to, user_id)
    row = OAuthFlow(
        id=new_id(),
        user_id=user_id,
        provider=provider,
        state_hash=state.hash,
        browser_hash=browser.token.hash,
        return_to=return_to,
        expires_at=clock.now() + LASTS,
    )
    row.nonce = keys.seal(trip.secrets.nonce, place_of(row, "nonce"))
    row.pkce_verifier = keys.seal(trip.secrets.verifier, place_of(row, "pkce_verifier"))
    session.add(row)
    return trip


async def find(session: WriteSession, keys: KeyRing, provider: str, state: str, cookie: str | None) -> Trip:
    """Of a trip that has not come back yet. Raises TripLost."""
    return _open(await _find(session, provider, state, cookie), keys, state)


async def end(session: WriteSession, keys: KeyRing, provider: str, state: str, cookie: str | None) -> Trip:
    """Ends it, whatever comes of it. Raises TripLost."""
    row = await _find(session, provider, state, cookie)
    trip = _open(row, keys, state)
    row.used_at, row.nonce, row.pkce_verifier = clock.now(), None, None
    return trip


def check_return_to(settings: Settings, given: str) -> str:
    """A path here, or an address at an origin that CORS allows. Raises InvalidInput: nobody is sent elsewhere."""
    plain = given.isascii() and given.isprintable() and "\\" not in given and " " not in given and len(given) <= LONGEST_ADDRESS
    if plain and given.startswith("/") and not given.startswith("//"):
        return given
    if plain and _origin(given) in {settings.base_url, *settings.cors_origins}:
        return given
    raise InvalidInput.of("return_to", "Give a path on this server, or an address at an origin that it allows.")


def _origin(address: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}"


async def _find(session: WriteSession, provider: str, state: str, cookie: str | None) -> OAuthFlow:
    token = Token.parse(state, TokenKind.OAUTH_STATE)
    browser = Token.parse(cookie, TokenKind.BROWSER) if cookie else None
    row = await repository.trip_by_state(session, token.hash) if token else None
    if row is None or browser is None or row.browser_hash is None or not browser.matches(row.browser_hash):
        raise TripLost
    if row.provider != provider or row.used_at or row.expires_at <= clock.now():
        raise TripLost
    return row


def _open(row: OAuthFlow, keys: KeyRing, state: str) -> Trip:
    if row.nonce is None or row.pkce_verifier is None:
        raise TripLost
    nonce, verifier = keys.open(row.nonce, place_of(row, "nonce")), keys.open(row.pkce_verifier, place_of(row, "pkce_verifier"))
    return Trip(Secrets(state, nonce, verifier), row.return_to, row.user_id)
