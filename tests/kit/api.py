"""A client as a front end has it: runs the documents of `graphql/` over HTTP and hands back what came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from coachwatts.api.transport.manifest import assemble
from coachwatts.config import Settings
from coachwatts.resources import folder

PASSWORD = "lamp-orbit-canoe-77"
_numbers = count(1)


@cache
def _documents() -> dict[str, str]:
    return {each.name: each.text for each in assemble(folder("graphql"))}


def document(name: str) -> str:
    """The operation in `graphql/<name>.graphql`, complete with the fragments that it uses."""
    return _documents()[name]


class Failed(AssertionError):
    """The answer carried top-level errors."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.codes = [error.get("extensions", {}).get("code") for error in errors]


class Api:
    def __init__(self, http: httpx.AsyncClient, token: str | None = None) -> None:
        self.http = http
        self.token = token

    async def send(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        return await self.http.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)

    async def run(self, operation: str, /, **variables: Any) -> dict[str, Any]:
        """The data of a document; raises Failed on top-level errors."""
        body = (await self.send(document(operation), variables)).json()
        if "errors" in body:
            raise Failed(body["errors"])
        data: dict[str, Any] = body["data"]
        return data

    async def mutate(self, operation: str, /, **input: Any) -> dict[str, Any]:
        """The payload of a document with one mutation that takes `$input`."""
        data = await self.run(operation, **({"input": input} if "$input" in document(operation) else {}))
        payload: dict[str, Any] = next(iter(data.values()))
        return payload

    async def codes(self, operation: str, /, **input: Any) -> list[tuple[str, str]]:
        """(code, field path) of each payload error."""
        payload = await self.mutate(operation, **input)
        return [(error["code"], ".".join(error["field"])) for error in payload["errors"]]


@dataclass
class Person(Api):
    http: httpx.AsyncClient
    token: str | None
    id: str
    email: str
    password: str = PASSWORD


def new_email() -> str:
    return f"person-{next(_numbers)}-{uuid4().hex[:8]}@example.org"


async def join(http: httpx.AsyncClient, *, name: str = "Ada", email: str | None = None, **more: Any) -> Person:
    """Sign up, open the link, sign in: through the API, as a person does."""
    api, email = Api(http), email or new_email()
    signed_up = await api.mutate("SignUp", email=email, password=PASSWORD, name=name, **more)
    assert signed_up["errors"] == [], signed_up
    verified = await api.mutate("VerifyEmail", token=signed_up["link"].rsplit("/", 1)[1], password=PASSWORD)
    assert verified["errors"] == [], verified
    signed_in = await api.mutate("SignIn", email=email, password=PASSWORD, transport="BEARER")
    assert signed_in["errors"] == [], signed_in
    return Person(http, signed_in["token"], signed_in["viewer"]["id"], email)


def _from_everywhere(app: ASGIApp) -> ASGIApp:
    """Each GraphQL request from a loopback address of its own: thousands of sign-ups in a minute are no single visitor's."""

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/graphql":
            scope = {**scope, "client": (str(IPv4Address("127.1.0.0") + next(_numbers)), 50000)}
        await app(scope, receive, send)

    return moved


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application in this process, spoken to over HTTP."""
    from coachwatts.app import create_app  # noqa: PLC0415 - tests of parts need not import the whole

    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=_from_everywhere(app), client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
            yield http
