"""Where a coaching invitation leads."""

from datetime import timedelta

import httpx
import pytest

from coachwatts import clock
from coachwatts.config import Settings, SignUp
from tests.kit.api import PASSWORD, Api, Person, new_email, serving
from tests.kit.browser import browser


async def invite(person: Person, side: str, *areas: str) -> str:
    """The path of the page."""
    payload = await person.mutate("InviteToCoaching", mySide=side, areas=list(areas))
    assert payload["errors"] == []
    return str(payload["link"]).removeprefix("http://127.0.0.1:8000")


async def as_seen_by(person: Person, path: str) -> httpx.Response:
    async with browser(person.http) as api:
        await api.mutate("SignIn", email=person.email, password=PASSWORD)
        return await api.http.get(path, headers={"accept": "text/html"})


async def test_a_coach_to_be_reads_what_there_would_be_to_see(ada: Person, bob: Person) -> None:
    page = (await as_seen_by(bob, await invite(ada, "ATHLETE", "TRAINING", "HEALTH"))).text
    assert "Ada asks you to be their coach" in page
    assert "Health: sleep" in page
    assert "Nutrition" not in page
    assert "Become a coach and accept" in page


async def test_an_athlete_chooses_what_the_coach_sees(ada: Person, bob: Person) -> None:
    await ada.mutate("BecomeCoach")
    page = (await as_seen_by(bob, await invite(ada, "COACH", "TRAINING"))).text
    assert "Ada wants to coach you" in page
    assert '<input type="checkbox" name="TRAINING" checked>' in page
    assert '<input type="checkbox" name="HEALTH">' in page


async def test_ones_own_invitation_is_not_offered_to_oneself(ada: Person) -> None:
    page = (await as_seen_by(ada, await invite(ada, "ATHLETE", "TRAINING"))).text
    assert "This is your own invitation" in page
    assert 'id="accept"' not in page


async def test_signed_out_one_comes_back_to_it(http: httpx.AsyncClient, ada: Person) -> None:
    path = await invite(ada, "ATHLETE", "TRAINING")
    page = (await http.get(path)).text
    assert f'data-return-to="{path}"' in page
    assert 'id="accept"' not in page


async def test_looking_uses_nothing_up_and_accepting_does(ada: Person, bob: Person) -> None:
    await ada.mutate("BecomeCoach")
    path = await invite(ada, "COACH", "TRAINING")
    assert [(await as_seen_by(bob, path)).status_code for _ in range(2)] == [200, 200]
    assert await bob.codes("AcceptCoachingInvitation", token=path.rsplit("/", 1)[1], areas=["HEALTH"]) == []
    assert (await as_seen_by(bob, path)).status_code == 410


@pytest.mark.parametrize("token", ["x", "cwi_" + "a" * 49, "%00", "x" * 3000], ids=range(4))
async def test_a_forged_invitation_has_a_kind_page(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.get(f"/invitation/{token}", headers={"accept": "text/html"})
    assert answer.status_code == 410
    assert "Ask for a new one" in answer.text


async def test_an_old_invitation_has_a_kind_page(http: httpx.AsyncClient, ada: Person) -> None:
    path = await invite(ada, "ATHLETE", "TRAINING")
    with clock.turned_by(timedelta(days=15)):
        assert (await http.get(path)).status_code == 410


async def test_where_sign_up_is_by_invitation_this_page_offers_it(settings: Settings, ada: Person) -> None:
    path = await invite(ada, "ATHLETE", "TRAINING")
    async with serving(settings.model_copy(update={"sign_up": SignUp.INVITE})) as http:
        assert 'id="sign-up"' not in (await http.get("/")).text
        page = (await http.get(path)).text
        assert 'id="sign-up"' in page
        token = path.rsplit("/", 1)[1]
        assert f'data-invitation="{token}"' in page
        assert await Api(http).codes("SignUp", email=new_email(), password=PASSWORD, invitation=token) == []
