from datetime import timedelta

import pytest

from coachwatts import clock
from tests.kit.api import PASSWORD, Api, Failed, Person
from tests.kit.statements import counted
from tests.kit.trust import let_coach, relationships, token_of, trail

after = clock.turned_by


async def sign_in(person: Person, **more: object) -> Api:
    payload = await Api(person.http).mutate("SignIn", email=person.email, password=PASSWORD, transport="BEARER", **more)
    return Api(person.http, payload["token"])


async def is_in(api: Api) -> bool:
    try:
        return (await api.run("Viewer"))["viewer"] is not None
    except Failed:
        return False


async def test_asking_for_it_ends_everything_but_this_session(ada: Person, bob: Person, carla: Person) -> None:
    phone = await sign_in(ada)
    script = Api(ada.http, (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"])
    await let_coach(ada, carla, "TRAINING")
    await ada.mutate("BecomeCoach")
    await let_coach(bob, ada, "TRAINING")
    open_link = token_of((await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"]))["link"])
    payload = await ada.mutate("DeleteAccount")
    assert payload["errors"] == []
    assert payload["viewer"]["deletionDueAt"] > (clock.now() + timedelta(days=13)).isoformat()
    assert [await is_in(api) for api in (ada, phone, script)] == [True, False, False]
    assert {row["status"] for row in await relationships(ada)} == {"ENDED"}
    assert [row["status"] for row in await relationships(bob)] == ["ENDED"]
    assert await carla.codes("AcceptCoachingInvitation", token=open_link) == [("EXPIRED", "token")]
    assert len(await trail(ada, "account.deletion_requested")) == 1


async def test_asking_twice_does_not_move_the_day(ada: Person) -> None:
    first = await ada.mutate("DeleteAccount")
    with after(timedelta(minutes=10)):
        assert await ada.mutate("DeleteAccount") == first
    assert len(await trail(ada, "account.deletion_requested")) == 1


async def test_it_wants_a_password_that_was_given_just_now(ada: Person) -> None:
    with after(timedelta(minutes=16)):
        assert await ada.codes("DeleteAccount") == [("CONFIRMATION_REQUIRED", "")]
        ada.token = (await ada.mutate("ConfirmPassword", password=PASSWORD))["token"]
        assert await ada.codes("DeleteAccount") == []


async def test_who_comes_back_in_time_keeps_everything(ada: Person) -> None:
    await ada.mutate("UpdateProfile", dateOfBirth="1990-04-01")
    await ada.mutate("DeleteAccount")
    with after(timedelta(days=13, hours=23)):
        back = await sign_in(ada)
        kept = await back.mutate("KeepAccount")
        assert kept == {"viewer": {"id": ada.id, "deletionDueAt": None}, "errors": []}
        assert (await back.run("Athlete", id=ada.id))["athlete"]["dob"] == "1990-04-01"
        assert await back.codes("KeepAccount") == [("CONFLICT", "")]


async def test_on_the_day_it_is_too_late(ada: Person) -> None:
    """Files may be gone by then."""
    await ada.mutate("DeleteAccount")
    with after(timedelta(days=14)):
        assert await (await sign_in(ada)).codes("KeepAccount") == [("CONFLICT", "")]


async def test_a_personal_token_neither_deletes_nor_keeps(ada: Person) -> None:
    script = Api(ada.http, (await ada.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_WRITE"]))["token"])
    for document in ("DeleteAccount", "KeepAccount"):
        with pytest.raises(Failed) as failed:
            await script.run(document)
        assert failed.value.codes == ["NOT_ALLOWED"]


@pytest.mark.parametrize("document", ["DeleteAccount", "KeepAccount"])
async def test_nothing_of_this_works_signed_out(stranger: Api, document: str) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.run(document)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_budgets(ada: Person) -> None:
    with counted() as deleting:
        await ada.mutate("DeleteAccount")
    with counted() as keeping:
        await ada.mutate("KeepAccount")
    assert (len(deleting), len(keeping)) == (7, 4), (deleting, keeping)
