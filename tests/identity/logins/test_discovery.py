"""What a provider says of itself, and when it is not believed."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from coachwatts.config import Login
from coachwatts.identity.logins.errors import ProviderFailed
from coachwatts.identity.logins.openid import OpenIdProvider
from coachwatts.identity.logins.provider import Arrival, Secrets
from tests.kit.provider import ScriptedProvider, scripted_provider

SECRETS = Secrets("state", "nonce", "v" * 43)


@pytest.fixture(scope="module")
def running() -> Iterator[ScriptedProvider]:
    with scripted_provider() as provider:
        yield provider


@pytest.fixture
def scripted(running: ScriptedProvider) -> ScriptedProvider:
    running.metadata, running.claims, running.asked = {}, {"email": "grace@example.org"}, []
    return running


def provider(issuer: str, origin: str | None = None) -> OpenIdProvider:
    login = Login(client_id="client", client_secret=SecretStr("secret of the client"), origin=origin)
    return OpenIdProvider("acme", "Acme", login, "http://127.0.0.1:8000/auth/acme/callback", issuer)


METADATA: dict[str, dict[str, Any]] = {
    "another issuer's": {"issuer": "https://evil.example"},
    "without authorization": {"authorization_endpoint": None},
    "without token": {"token_endpoint": None},
    "without keys": {"jwks_uri": None},
    "keys in the clear": {"jwks_uri": "http://keys.example/"},
    "token in the clear": {"token_endpoint": "http://token.example/"},
    "no address": {"token_endpoint": 7},
    "half an address": {"token_endpoint": "https://[::1"},
    "odd scheme": {"authorization_endpoint": "javascript:alert(1)"},
    "odd methods": {"token_endpoint_auth_methods_supported": 7},
}


@pytest.mark.parametrize("told", METADATA.values(), ids=METADATA)
async def test_a_document_that_is_not_right_is_not_believed(scripted: ScriptedProvider, told: dict[str, Any]) -> None:
    scripted.metadata = told
    with pytest.raises(ProviderFailed):
        await provider(scripted.origin).departure(SECRETS)


async def test_a_document_is_asked_for_once_an_hour(scripted: ScriptedProvider) -> None:
    acme = provider(scripted.origin)
    await acme.departure(SECRETS)
    await acme.departure(SECRETS)
    assert scripted.asked == ["/.well-known/openid-configuration"]


async def test_a_failure_is_not_remembered(scripted: ScriptedProvider) -> None:
    acme = provider(scripted.origin)
    scripted.metadata = {"issuer": "https://evil.example"}
    with pytest.raises(ProviderFailed):
        await acme.departure(SECRETS)
    scripted.metadata = {}
    assert (await acme.departure(SECRETS)).startswith(scripted.origin)


async def test_an_origin_takes_the_place_of_every_host(scripted: ScriptedProvider) -> None:
    scripted.metadata = {"token_endpoint": "https://elsewhere.example/token", "jwks_uri": "https://keys.example/keys"}
    acme = provider("https://accounts.example", origin=scripted.origin)
    back = scripted.consent(await acme.departure(SECRETS))
    code = back.split("code=")[1].split("&")[0]
    identity = await acme.identify(Arrival(code), SECRETS)
    assert identity.subject == "0"
    assert {"/token", "/keys"} <= set(scripted.asked)


async def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(scripted: ScriptedProvider) -> None:
    scripted.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    acme = provider(scripted.origin)
    code = scripted.consent(await acme.departure(SECRETS)).split("code=")[1].split("&")[0]
    assert (await acme.identify(Arrival(code), SECRETS)).subject == "0"


async def test_a_provider_that_promises_to_name_itself_must(scripted: ScriptedProvider) -> None:
    scripted.metadata = {"authorization_response_iss_parameter_supported": True}
    acme = provider(scripted.origin)
    codes = [scripted.consent(await acme.departure(SECRETS)).split("code=")[1].split("&")[0] for _ in range(2)]
    with pytest.raises(ProviderFailed):
        await acme.identify(Arrival(codes[0]), SECRETS)
    assert (await acme.identify(Arrival(codes[1], issuer=scripted.origin), SECRETS)).subject == "0"


async def test_another_verifier_redeems_nothing(scripted: ScriptedProvider) -> None:
    acme = provider(scripted.origin)
    code = scripted.consent(await acme.departure(SECRETS)).split("code=")[1].split("&")[0]
    with pytest.raises(Exception, match="did not let you through"):
        await acme.identify(Arrival(code), Secrets("state", "nonce", "w" * 43))
