"""Who comes in by a provider, and into which account."""

import re
from uuid import uuid4

import httpx
import pytest

from coachwatts.config import Settings, SignUp
from coachwatts.db.engine import owner_engine
from tests.kit.api import PASSWORD, Person, join, new_email, serving
from tests.kit.authenticator import enrol
from tests.kit.browser import browser
from tests.kit.provider import ScriptedProvider
from tests.kit.surfer import Surfer


async def test_a_new_person_comes_in_through_somebody_elses_implementation(surfer: Surfer, mock_origin: str) -> None:
    subject = uuid4().hex
    async with httpx.AsyncClient(base_url=mock_origin) as page:
        claims = {"email": f"{subject}@example.org", "email_verified": True, "name": "Grace Hopper"}
        assert (await page.put(f"/users/{subject}", json=claims)).status_code == 204
        away = await surfer.leave("mock")
        back = await page.post(away, data={"sub": subject})
    answer = await surfer.go(back.headers["location"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    viewer = (await surfer.api.run("Viewer"))["viewer"]
    assert viewer["name"] == "Grace Hopper"
    assert viewer["emailVerified"] is not None


async def test_who_comes_again_finds_the_same_account(surfer: Surfer, other_surfer: Surfer) -> None:
    await surfer.sign_in()
    await other_surfer.sign_in()
    assert await surfer.email() == await other_surfer.email() == surfer.provider.claims["email"]


async def test_an_account_is_known_by_its_subject_when_the_address_changes_there(surfer: Surfer, other_surfer: Surfer) -> None:
    await surfer.sign_in()
    surfer.provider.claims["email"] = new_email()
    await other_surfer.sign_in()
    assert await other_surfer.email() == await surfer.email()


async def test_an_address_that_has_an_account_opens_nothing_by_itself(surfer: Surfer, door: httpx.AsyncClient) -> None:
    ada = await join(door)
    surfer.provider.claims["email"] = ada.email.upper()
    answer = await surfer.sign_in()
    assert answer.status_code == 409
    assert "Sign in the way you did so far" in answer.text
    assert await surfer.email() is None


@pytest.mark.parametrize("vouched", [False, None, "false", 1])
async def test_an_address_that_is_not_vouched_for_makes_no_account(surfer: Surfer, vouched: object) -> None:
    surfer.provider.claims["email_verified"] = vouched
    assert (await surfer.sign_in()).status_code == 403
    assert await surfer.email() is None


@pytest.mark.parametrize("email", [None, "", "no address", "a\x00b@example.org", f"{'a' * 300}@example.org", 7])
async def test_what_is_no_address_makes_no_account(surfer: Surfer, email: object) -> None:
    surfer.provider.claims["email"] = email
    surfer.provider.person = {"sub": surfer.provider.claims["sub"]}
    assert (await surfer.sign_in()).status_code == 403


async def test_an_address_that_only_the_user_info_tells_counts(surfer: Surfer) -> None:
    email = surfer.provider.claims.pop("email")
    del surfer.provider.claims["email_verified"]
    surfer.provider.person = {"sub": surfer.provider.claims["sub"], "email": email, "email_verified": True}
    await surfer.sign_in()
    assert await surfer.email() == email


async def test_user_info_about_somebody_else_is_refused(surfer: Surfer) -> None:
    email = surfer.provider.claims.pop("email")
    surfer.provider.person = {"sub": "somebody else", "email": email, "email_verified": True}
    assert (await surfer.sign_in()).status_code == 503


async def test_github_tells_by_its_api_who_it_is(surfer: Surfer) -> None:
    number = uuid4().int % 10**9
    surfer.provider.person = {"id": number, "login": "octocat", "name": None}
    email = new_email()
    surfer.provider.addresses = [
        {"email": "other@example.org", "primary": False, "verified": True},
        {"email": email, "primary": True, "verified": True},
    ]
    assert (await surfer.sign_in("github")).status_code == 303
    viewer = (await surfer.api.run("Viewer"))["viewer"]
    assert (viewer["email"], viewer["name"]) == (email, "octocat")


async def test_an_unverified_address_at_github_makes_no_account(surfer: Surfer) -> None:
    surfer.provider.person = {"id": uuid4().int % 10**9, "login": "octocat"}
    surfer.provider.addresses = [{"email": new_email(), "primary": True, "verified": False}]
    assert (await surfer.sign_in("github")).status_code == 403


async def test_the_second_step_is_asked_for_after_a_provider_too(surfer: Surfer, other_surfer: Surfer) -> None:
    await surfer.sign_in()
    person = Person(surfer.api.http, None, "", str(await surfer.email()))
    authenticator = await enrol(person)
    answer = await other_surfer.sign_in(return_to="/later")
    assert answer.headers["location"] == "/?return_to=%2Flater"
    assert (await other_surfer.api.send("{ viewer { id } }")).json()["errors"][0]["extensions"]["code"] == "SECOND_FACTOR_REQUIRED"
    page = (await other_surfer.go(answer.headers["location"])).text
    assert re.search(r'data-panel="second-step">', page)
    assert 'data-return-to="/later"' in page
    confirmed = await other_surfer.api.mutate("ConfirmSecondFactor", code=authenticator.code())
    assert confirmed["errors"] == []
    assert await other_surfer.email() == person.email


async def test_who_came_by_a_provider_has_no_password(surfer: Surfer) -> None:
    await surfer.sign_in()
    assert await surfer.api.codes("SignIn", email=surfer.provider.claims["email"], password=PASSWORD) == [("WRONG_CREDENTIALS", "")]


async def test_who_signs_in_again_leaves_no_session_behind_that_nobody_can_end(surfer: Surfer) -> None:
    await surfer.sign_in()
    await surfer.sign_in()
    sessions = (await surfer.api.run("Sessions", first=10))["viewer"]["sessions"]
    assert len(sessions["edges"]) == 1


async def test_an_account_that_is_switched_off_opens_to_no_provider(surfer: Surfer, other_surfer: Surfer, settings: Settings) -> None:
    await surfer.sign_in()
    engine = owner_engine(settings)
    async with engine.begin() as connection:
        email = surfer.provider.claims["email"]
        await connection.exec_driver_sql("UPDATE user_account SET is_active = false WHERE email = $1", (email,))
    await engine.dispose()
    assert (await other_surfer.sign_in()).status_code == 403


@pytest.mark.parametrize("policy", [SignUp.CLOSED, SignUp.INVITE])
async def test_where_sign_up_is_closed_a_provider_opens_no_back_door(
    login_settings: Settings, provider: ScriptedProvider, policy: SignUp
) -> None:
    async with serving(login_settings.model_copy(update={"sign_up": policy})) as http, browser(http) as api:
        answer = await Surfer(api, provider).sign_in()
    assert answer.status_code == 403
    assert "Sign-up is" in answer.text


async def test_an_invitation_opens_sign_up_by_a_provider(login_settings: Settings, provider: ScriptedProvider, ada: Person) -> None:
    link = (await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"]))["link"]
    path = link.removeprefix(login_settings.base_url)
    async with serving(login_settings.model_copy(update={"sign_up": SignUp.INVITE})) as http, browser(http) as api:
        surfer = Surfer(api, provider)
        assert (await surfer.sign_in(return_to=path)).headers["location"] == path
        assert await surfer.email() == provider.claims["email"]
