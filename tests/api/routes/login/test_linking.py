"""Add a way to sign in to an account, and remove one."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import owner_engine
from tests.kit.api import PASSWORD, Api, Failed, Person, join
from tests.kit.statements import counted
from tests.kit.surfer import Surfer


@pytest.fixture
async def ada(surfer: Surfer) -> Person:
    """Signed in by password, in the surfer's browser."""
    person = await join(surfer.api.http)
    assert (await surfer.api.mutate("SignIn", email=person.email, password=PASSWORD))["errors"] == []
    return person


async def add(surfer: Surfer, provider: str = "acme", **more: str) -> httpx.Response:
    payload = await surfer.api.mutate("LinkLogin", provider=provider, **more)
    assert payload["errors"] == []
    away = await surfer.go(payload["address"])
    assert away.status_code == 303, away.text
    return await surfer.go(surfer.provider.consent(away.headers["location"]))


async def logins(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.run("LoginAccounts"))["viewer"]["loginAccounts"]
    return found


async def test_whoever_is_signed_in_adds_a_way_and_then_comes_in_by_it(surfer: Surfer, other_surfer: Surfer, ada: Person) -> None:
    answer = await add(surfer, returnTo="/settings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    assert [login["provider"] for login in await logins(surfer.api)] == ["acme"]
    await other_surfer.sign_in()
    assert await other_surfer.email() == ada.email


@pytest.mark.usefixtures("ada")
async def test_an_address_that_is_not_vouched_for_does_no_harm_when_adding(surfer: Surfer) -> None:
    surfer.provider.claims |= {"email": None, "email_verified": False}
    surfer.provider.person = {"sub": surfer.provider.claims["sub"]}
    assert (await add(surfer)).status_code == 303


@pytest.mark.usefixtures("ada")
async def test_adding_the_same_way_twice_is_no_error(surfer: Surfer) -> None:
    await add(surfer)
    assert (await add(surfer)).status_code == 303
    assert len(await logins(surfer.api)) == 1


@pytest.mark.usefixtures("ada")
async def test_an_identity_opens_one_account_only(surfer: Surfer, other_surfer: Surfer) -> None:
    await other_surfer.sign_in()
    answer = await add(surfer)
    assert answer.status_code == 409
    assert await logins(surfer.api) == []


async def test_adding_wants_the_password_given_just_now(surfer: Surfer, ada: Person) -> None:
    with clock.turned_by(timedelta(minutes=16)):
        assert await surfer.api.codes("LinkLogin", provider="acme") == [("CONFIRMATION_REQUIRED", "")]
        assert (await surfer.api.mutate("ConfirmPassword", password=ada.password))["errors"] == []
        assert await surfer.api.codes("LinkLogin", provider="acme") == []


async def test_adding_needs_a_browser(ada: Person) -> None:
    assert await ada.codes("LinkLogin", provider="acme") == [("NOT_ALLOWED", "")]


@pytest.mark.usefixtures("ada")
async def test_wrong_input_names_its_field(surfer: Surfer) -> None:
    assert await surfer.api.codes("LinkLogin", provider="nobody") == [("NOT_FOUND", "provider")]
    assert await surfer.api.codes("LinkLogin", provider="acme", returnTo="//evil.example") == [("INVALID", "returnTo")]
    for forged in ("", "junk", "TG9naW5BY2NvdW50"):
        assert await surfer.api.codes("UnlinkLogin", id=forged) == [("NOT_FOUND", "id")]


async def test_signed_out_nothing_is_added_or_removed(stranger: Api) -> None:
    for operation, values in (("LinkLogin", {"provider": "acme"}), ("UnlinkLogin", {"id": "x"})):
        with pytest.raises(Failed) as failed:
            await stranger.mutate(operation, **values)
        assert failed.value.codes == ["UNAUTHENTICATED"]


@pytest.mark.usefixtures("ada")
async def test_a_trip_to_add_does_not_add_to_somebody_who_signed_in_meanwhile(surfer: Surfer) -> None:
    payload = await surfer.api.mutate("LinkLogin", provider="acme")
    back = surfer.provider.consent((await surfer.go(payload["address"])).headers["location"])
    bob = await join(surfer.api.http, name="Bob")
    await surfer.api.mutate("SignIn", email=bob.email, password=PASSWORD)
    assert (await surfer.go(back)).status_code == 400
    assert await logins(surfer.api) == []


@pytest.mark.usefixtures("ada")
async def test_an_address_to_add_opens_in_its_own_browser_alone(surfer: Surfer, other_surfer: Surfer) -> None:
    """Else somebody could be made to add their identity to the account of another."""
    payload = await surfer.api.mutate("LinkLogin", provider="acme")
    assert (await other_surfer.go(payload["address"])).status_code == 400
    assert (await surfer.go(payload["address"].replace("/acme?", "/github?"))).status_code == 400


async def test_a_way_that_was_removed_opens_nothing(surfer: Surfer, other_surfer: Surfer, ada: Person) -> None:
    surfer.provider.claims["email"] = ada.email
    await add(surfer)
    [login] = await logins(surfer.api)
    payload = await surfer.api.mutate("UnlinkLogin", id=login["id"])
    assert (payload["errors"], payload["unlinkedId"]) == ([], login["id"])
    assert (await other_surfer.sign_in()).status_code == 409
    assert await surfer.api.codes("UnlinkLogin", id=login["id"]) == [("NOT_FOUND", "id")]


async def test_the_last_way_in_stays(surfer: Surfer) -> None:
    await surfer.sign_in()
    [login] = await logins(surfer.api)
    assert await surfer.api.codes("UnlinkLogin", id=login["id"]) == [("CONFLICT", "id")]


@pytest.mark.usefixtures("ada")
async def test_somebody_elses_way_is_not_there(surfer: Surfer, other_surfer: Surfer) -> None:
    await add(surfer)
    [login] = await logins(surfer.api)
    bob = await join(other_surfer.api.http, name="Bob")
    assert await bob.codes("UnlinkLogin", id=login["id"]) == [("NOT_FOUND", "id")]
    node = "query($id: ID!) { node(id: $id) { ... on LoginAccount { provider } } }"
    assert (await bob.send(node, {"id": login["id"]})).json()["data"]["node"] is None
    assert (await surfer.api.send(node, {"id": login["id"]})).json()["data"]["node"] == {"provider": "acme"}


@pytest.mark.usefixtures("ada")
async def test_reading_the_ways_in_costs_three_statements(surfer: Surfer) -> None:
    with counted() as statements:
        await surfer.api.run("LoginAccounts")
    assert len(statements) == 3, statements


@pytest.mark.usefixtures("ada")
async def test_no_secret_of_a_trip_or_a_provider_lies_open(surfer: Surfer, login_settings: Settings) -> None:
    surfer.provider.token_answer = None
    await add(surfer)
    await surfer.leave()
    engine = owner_engine(login_settings)
    async with engine.connect() as connection:
        flows = (await connection.exec_driver_sql("SELECT * FROM oauth_flow ORDER BY created_at DESC LIMIT 3")).mappings().all()
        account = (await connection.exec_driver_sql("SELECT * FROM login_account ORDER BY created_at DESC LIMIT 1")).mappings().one()
    await engine.dispose()
    assert not any(b"eyJ" in bytes(value) for value in account.values() if isinstance(value, bytes))
    assert account["id_token"][0] == account["access_token"][0] == 1  # sealed, first version
    open_trips = [flow for flow in flows if flow["used_at"] is None]
    used_trips = [flow for flow in flows if flow["used_at"] is not None]
    assert all(flow["nonce"][0] == flow["pkce_verifier"][0] == 1 for flow in open_trips)
    assert all(flow["nonce"] is flow["pkce_verifier"] is None for flow in used_trips)
    assert open_trips
    assert used_trips
