"""A sign-in provider over real HTTP that does what a test tells it, wrong things above all. Speaks OpenID Connect, and GitHub's way."""

import asyncio
import socket
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit
from uuid import uuid4

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coachwatts import clock


@dataclass
class ScriptedProvider:
    origin: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over what the ID token would say; None leaves a claim out."""
    metadata: dict[str, Any] = field(default_factory=dict)
    token_answer: Response | None = None
    person: dict[str, Any] = field(default_factory=dict)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    algorithm: str = "RS256"
    delay_s: float = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    signing_key: Any = None
    """Signs in place of `key`, which goes on being published."""
    asked: list[str] = field(default_factory=list)
    _granted: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": uuid4().hex})

    def consent(self, address: str, **more: str) -> str:
        """What the provider's page does when the person agrees: from the address they were sent to, the address they are sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["code_challenge_method"] == "S256"
        code = uuid4().hex
        self._granted[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?{urlencode({'code': code, 'state': asked['state'], **more})}"

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/keys", self._keys),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._userinfo),
            Route("/login/oauth/access_token", self._token, methods=["POST"]),
            Route("/user", self._userinfo),
            Route("/user/emails", self._emails),
        ]
        return Starlette(routes=routes)

    async def _configuration(self, request: Request) -> Response:
        await self._note(request)
        told = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/keys",
            "userinfo_endpoint": f"{self.origin}/userinfo",
        }
        return JSONResponse({name: value for name, value in (told | self.metadata).items() if value is not None})

    async def _keys(self, request: Request) -> Response:
        await self._note(request)
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        await self._note(request)
        if self.token_answer is not None:
            return self.token_answer
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._granted.pop(form.get("code", ""), None)  # a code opens once
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or _challenge(form["code_verifier"]) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if _credentials(request, form) != ("client", "secret of the client"):
            return JSONResponse({"error": "invalid_client"}, 401)
        tokens = {"access_token": uuid4().hex, "token_type": "Bearer", "expires_in": 3600, "scope": asked["scope"]}
        if "nonce" in asked:
            tokens["id_token"] = self.sign(asked)
        return JSONResponse(tokens)

    def sign(self, asked: dict[str, str]) -> str:
        now = int(clock.now().timestamp())
        told = {"iss": self.origin, "aud": "client", "sub": "0", "iat": now, "exp": now + 300, "nonce": asked["nonce"]} | self.claims
        header = {"alg": self.algorithm, "kid": self.key.kid}
        key = self.signing_key or (OctKey.import_key(self.key.as_pem(private=False)) if self.algorithm == "HS256" else self.key)
        claims = {name: value for name, value in told.items() if value is not None}
        if self.algorithm == "none":
            parts = [urlsafe_b64encode(str(part).replace("'", '"').encode()).decode().rstrip("=") for part in (header, claims)]
            return f"{parts[0]}.{parts[1]}."
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    async def _userinfo(self, request: Request) -> Response:
        await self._note(request)
        return JSONResponse(self.person)

    async def _emails(self, request: Request) -> Response:
        await self._note(request)
        return JSONResponse(self.addresses)

    async def _note(self, request: Request) -> None:
        self.asked.append(request.url.path)
        await asyncio.sleep(self.delay_s)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        name, _, secret = b64decode(encoded).decode().partition(":")
        return unquote(name.replace("+", " ")), unquote(secret.replace("+", " "))
    return form.get("client_id", ""), form.get("client_secret", "")


@contextmanager
def scripted_provider() -> Iterator[ScriptedProvider]:
    provider = ScriptedProvider()
    listener = socket.create_server(("127.0.0.1", 0))
    provider.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(provider.app(), log_config=None, lifespan="off"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        sleep(0.005)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
