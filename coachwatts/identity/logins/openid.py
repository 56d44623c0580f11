"""OpenID Connect: addresses and keys by discovery, identity from a signed ID token."""

from dataclasses import dataclass
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet

from coachwatts.config import LOOPBACK, Login
from coachwatts.identity.logins import id_token
from coachwatts.identity.logins.provider import Arrival, Identity, OAuthClient, Provider, Secrets, read_json

SCOPE = "openid email profile"
REMEMBER_S = 3600


@dataclass(frozen=True, slots=True)
class Metadata:
    authorize: str
    token: str
    keys: str
    person: str | None
    names_itself: bool
    """Whether answers carry the issuer (RFC 9207), so that one provider's answer is never taken for another's."""
    secret_by_post: bool

    @classmethod
    def of(cls, document: Any, issuer: str) -> Self:
        """Raises ValueError, KeyError or TypeError for a document that is not one, or is another issuer's."""
        if document["issuer"] != issuer:
            raise ValueError("another issuer's document")
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return cls(
            authorize=_address(document["authorization_endpoint"]),
            token=_address(document["token_endpoint"]),
            keys=_address(document["jwks_uri"]),
            person=_address(document["userinfo_endpoint"]) if document.get("userinfo_endpoint") else None,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            secret_by_post="client_secret_basic" not in methods,
        )


class OpenIdProvider(Provider):
    kind = "oidc"

    def __init__(self, name: str, title: str, login: Login, redirect_uri: str, issuer: str) -> None:
        super().__init__(name, title, login, redirect_uri)
        self._issuer = self.address(issuer)
        self._metadata: Metadata | None = None
        self._keys: KeySet | None = None
        self._stale_at = 0.0

    async def departure(self, secrets: Secrets) -> str:
        async with self.client() as client:
            metadata = await self._discover(client)
            address, _ = client.create_authorization_url(
                self.address(metadata.authorize), state=secrets.state, nonce=secrets.nonce, code_verifier=secrets.verifier, scope=SCOPE
            )
            return str(address)

    async def identify(self, arrival: Arrival, secrets: Secrets) -> Identity:
        async with self.client() as client:
            metadata = await self._discover(client)
        async with self.client(secret_by_post=metadata.secret_by_post) as client:
            if arrival.issuer != self._issuer and (arrival.issuer is not None or metadata.names_itself):
                raise ValueError("an answer of another issuer")
            tokens = await client.fetch_token(self.address(metadata.token), code=arrival.code, code_verifier=secrets.verifier)
            claims = await self._read(client, metadata, tokens, secrets)
            if "email" not in claims and metadata.person:
                claims = {**claims, **await self._ask(client, metadata.person, tokens["access_token"], claims["sub"])}
            return _identity(claims, dict(tokens), arrival)

    async def _discover(self, client: OAuthClient) -> Metadata:
        if self._metadata is None or monotonic() > self._stale_at:
            document = await read_json(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            self._metadata, self._keys = Metadata.of(document, self._issuer), None
            self._stale_at = monotonic() + REMEMBER_S
        return self._metadata

    async def _read(self, client: OAuthClient, metadata: Metadata, tokens: Any, secrets: Secrets) -> dict[str, Any]:
        expected = id_token.Expected(self._issuer, self._login.client_id, secrets.nonce, tokens["access_token"])
        if self._keys is not None:
            try:
                return id_token.read(tokens["id_token"], self._keys, expected)
            except (InvalidKeyIdError, BadSignatureError):
                pass  # the provider may have new keys since
        self._keys = KeySet.import_key_set(await read_json(client, self.address(metadata.keys)))
        return id_token.read(tokens["id_token"], self._keys, expected)

    async def _ask(self, client: OAuthClient, address: str, access_token: str, subject: str) -> dict[str, Any]:
        person = await read_json(client, self.address(address), access_token)
        if person["sub"] != subject:  # anybody's token would do for the address; the ID token says whose it is
            raise ValueError("another subject")
        return {name: person[name] for name in ("email", "email_verified", "name") if name in person}


def _identity(claims: dict[str, Any], tokens: dict[str, Any], arrival: Arrival) -> Identity:
    email = claims.get("email")
    return Identity(
        subject=claims["sub"],
        email=email if isinstance(email, str) else None,
        email_is_verified=claims.get("email_verified") is True or claims.get("email_verified") == "true",  # some write it as text
        name=str(claims.get("name") or ""),
        tokens=tokens,
        session_state=arrival.session_state,
    )


def _address(url: Any) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("an address that is not encrypted")
    return str(url)
