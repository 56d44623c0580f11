from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import uuid4

import httpx
import oidc_provider_mock
import pytest
from pydantic import SecretStr

from coachwatts.config import Login, Settings
from tests.kit.api import serving
from tests.kit.browser import browser
from tests.kit.provider import ScriptedProvider, scripted_provider
from tests.kit.surfer import Surfer


def login(**values: str) -> Login:
    return Login(client_id="client", client_secret=SecretStr("secret of the client"), **values)


@pytest.fixture(scope="session")
def mock_origin() -> Iterator[str]:
    """Somebody else's implementation of OpenID Connect."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="session")
def shared_provider() -> Iterator[ScriptedProvider]:
    with scripted_provider() as running:
        yield running


@pytest.fixture
def provider(shared_provider: ScriptedProvider) -> ScriptedProvider:
    """Behaves, until the test says otherwise."""
    fresh = ScriptedProvider(key=shared_provider.key)
    subject = uuid4().hex
    fresh.claims = {"sub": subject, "email": f"{subject}@example.org", "email_verified": True, "name": "Grace"}
    origin = shared_provider.origin
    vars(shared_provider).update(vars(fresh), origin=origin)
    return shared_provider


@pytest.fixture(scope="session")
def login_settings(settings: Settings, mock_origin: str, shared_provider: ScriptedProvider) -> Settings:
    logins = {
        "mock": login(issuer=mock_origin, title="Mock & Sons"),
        "acme": login(issuer=shared_provider.origin),
        "github": login(origin=shared_provider.origin),
        "silent": login(issuer="http://127.0.0.1:1"),
    }
    return settings.model_copy(update={"logins": logins, "cors_origins": ("https://app.example.org",)})


@pytest.fixture(scope="session")
async def door(login_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(login_settings) as client:
        yield client


_places = count(1)


@asynccontextmanager
async def somewhere(door: httpx.AsyncClient, provider: ScriptedProvider) -> AsyncIterator[Surfer]:
    """From a household of its own: what is counted by address starts anew."""
    transport = httpx.ASGITransport(app=door._transport.app, client=(f"2001:db8:0:{next(_places):x}::1", 50000))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=transport, base_url=door.base_url) as http, browser(http) as api:
        yield Surfer(api, provider)


@pytest.fixture
async def surfer(door: httpx.AsyncClient, provider: ScriptedProvider) -> AsyncIterator[Surfer]:
    async with somewhere(door, provider) as found:
        yield found


@pytest.fixture
async def other_surfer(door: httpx.AsyncClient, provider: ScriptedProvider) -> AsyncIterator[Surfer]:
    async with somewhere(door, provider) as found:
        yield found
