import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from coachwatts import clock
from coachwatts.config import Mode, Settings, SignUp
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import even_time
from coachwatts.models.trust import CoachingRelationship
from tests.kit.accounts import account_of, set_account, user_of
from tests.kit.api import PASSWORD, Api, Person, join, new_email, serving
from tests.kit.statements import counted

EXPIRED = [("EXPIRED", "token")]
OTHER = "four-plain-words-here"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0)


def token_in(payload: dict[str, str]) -> str:
    return payload["link"].rsplit("/", 1)[1]


async def test_a_person_signs_up_verifies_signs_in_and_reads_the_profile(stranger: Api) -> None:
    email = new_email()
    link = (await stranger.mutate("SignUp", email=email, password=PASSWORD, name="Grace", timezone="Europe/Zurich"))["link"]
    assert (await stranger.mutate("VerifyEmail", password=PASSWORD, token=link.rsplit("/", 1)[1]))["user"]["name"] == "Grace"
    token = (await stranger.mutate("SignIn", email=email, password=PASSWORD, transport="BEARER"))["token"]
    viewer = (await Api(stranger.http, token).run("Viewer"))["viewer"]
    assert viewer["email"] == email
    assert viewer["timezone"] == "Europe/Zurich"
    assert viewer["emailVerified"] is not None


async def test_sign_in_before_the_link_was_opened_says_what_to_do(stranger: Api) -> None:
    email = new_email()
    await stranger.mutate("SignUp", email=email, password=PASSWORD)
    assert await stranger.codes("SignIn", email=email, password=PASSWORD) == [("EMAIL_NOT_VERIFIED", "email")]
    assert await stranger.codes("SignIn", email=email, password="not the password") == [("WRONG_CREDENTIALS", "")]


async def test_every_problem_of_a_form_is_told_at_once(stranger: Api) -> None:
    codes = await stranger.codes("SignUp", email="no", password="short", timezone="Mars/Olympus", locale="?")
    assert codes == [("INVALID", "email"), ("INVALID", "timezone"), ("INVALID", "locale"), ("TOO_SHORT", "password")]


async def test_a_known_address_answers_like_a_new_one(stranger: Api, ada: Person) -> None:
    known = await stranger.mutate("SignUp", email=ada.email, password=PASSWORD)
    new = await stranger.mutate("SignUp", email=new_email(), password=PASSWORD)
    assert known["errors"] == new["errors"] == []
    assert known.keys() == new.keys()


async def test_a_link_opens_once(stranger: Api) -> None:
    link = (await stranger.mutate("SignUp", email=new_email(), password=PASSWORD))["link"]
    token = link.rsplit("/", 1)[1]
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=token) == []
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=token) == [("EXPIRED", "token")]
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token="forged") == [("EXPIRED", "token")]


async def test_a_link_ends_after_three_days(stranger: Api) -> None:
    token = token_in(await stranger.mutate("SignUp", email=new_email(), password=PASSWORD))
    with clock.turned_by(timedelta(days=3, seconds=1)):
        assert await stranger.codes("VerifyEmail", password=PASSWORD, token=token) == EXPIRED
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=token) == []


async def test_until_the_address_is_verified_the_newest_sign_up_counts(stranger: Api) -> None:
    email = new_email()
    first = token_in(await stranger.mutate("SignUp", email=email, password=PASSWORD, name="Thief"))
    second = token_in(await stranger.mutate("SignUp", email=email.upper(), password=OTHER, name="Owner", locale="de"))
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=first) == EXPIRED
    assert (await stranger.mutate("VerifyEmail", password=OTHER, token=second))["user"]["name"] == "Owner"
    assert await stranger.codes("SignIn", email=email, password=PASSWORD, transport="BEARER") == [("WRONG_CREDENTIALS", "")]
    assert await stranger.codes("SignIn", email=email, password=OTHER, transport="BEARER") == []


async def test_who_only_opens_the_link_does_not_verify_what_somebody_else_signed_up(stranger: Api) -> None:
    """The thief signs up with the owner's address and waits for the owner to open the mail."""
    email = new_email()
    token = token_in(await stranger.mutate("SignUp", email=email, password=OTHER, name="Thief"))
    assert await stranger.codes("VerifyEmail", token=token, password=PASSWORD) == [("WRONG_CREDENTIALS", "password")]
    assert await stranger.codes("SignIn", email=email, password=OTHER) == [("EMAIL_NOT_VERIFIED", "email")]
    assert await stranger.codes("VerifyEmail", token=token, password=OTHER) == []  # a wrong try uses nothing up


async def test_signing_up_again_changes_nothing_of_a_verified_account(stranger: Api, ada: Person, db: Database) -> None:
    before = await account_of(db, ada)
    token = token_in(await stranger.mutate("SignUp", email=ada.email, password=OTHER, name="Thief"))
    after = await account_of(db, ada)
    assert (after.name, after.password_hash) == (before.name, before.password_hash)
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=token) == EXPIRED  # it is a link to choose a password


async def test_two_sign_ups_at_the_same_moment_make_one_account(stranger: Api) -> None:
    email = new_email()
    payloads = await asyncio.gather(*(stranger.mutate("SignUp", email=email, password=PASSWORD) for _ in range(3)))
    made = [payload for payload in payloads if not payload["errors"]]
    assert {error["code"] for payload in payloads for error in payload["errors"]} <= {"CONFLICT"}
    opened = [await stranger.codes("VerifyEmail", password=PASSWORD, token=token_in(payload)) for payload in made]
    assert opened.count([]) == 1


async def test_another_link_replaces_the_first(stranger: Api) -> None:
    email = new_email()
    first = token_in(await stranger.mutate("SignUp", email=email, password=PASSWORD))
    second = token_in(await stranger.mutate("ResendVerification", email=email))
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=first) == EXPIRED
    assert await stranger.codes("VerifyEmail", password=PASSWORD, token=second) == []


async def test_asking_for_another_link_reveals_nothing(stranger: Api, ada: Person, db: Database) -> None:
    nothing: dict[str, object] = {"link": None, "errors": []}
    assert await stranger.mutate("ResendVerification", email=new_email()) == nothing
    assert await stranger.mutate("ResendVerification", email=ada.email) == nothing
    await set_account(db, ada, email_verified_at=None, is_active=False)
    assert await stranger.mutate("ResendVerification", email=ada.email) == nothing
    assert await stranger.mutate("SignUp", email=ada.email, password=PASSWORD) == nothing


async def test_sign_ups_for_one_address_are_limited(stranger: Api) -> None:
    email = new_email()
    codes = [await stranger.codes("SignUp", email=email, password=PASSWORD) for _ in range(6)]
    assert codes == [[]] * 5 + [[("RATE_LIMITED", "")]]


async def test_a_closed_server_takes_nobody_and_says_so(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"sign_up": SignUp.CLOSED})) as http:
        assert await Api(http).codes("SignUp", email=new_email(), password=PASSWORD) == [("NOT_ALLOWED", "")]


async def test_where_sign_up_is_by_invitation_an_open_one_is_needed(settings: Settings, ada: Person, db: Database) -> None:
    invitation = (await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"]))["link"].rsplit("/", 1)[1]
    async with serving(settings.model_copy(update={"sign_up": SignUp.INVITE})) as http:
        api, form = Api(http), {"email": new_email(), "password": PASSWORD}
        for junk in (None, "", "cwi_" + "0" * 49, ada.token):
            assert await api.codes("SignUp", **form, invitation=junk) == [("NOT_ALLOWED", "invitation")]
        assert await api.codes("SignUp", **form, invitation=invitation) == []
        async with db.write(Scope.own(user_of(ada))) as session:
            await session.execute(update(CoachingRelationship).values(invite_expires_at=clock.now() - timedelta(minutes=1)))
        assert await api.codes("SignUp", **form, invitation=invitation) == [("NOT_ALLOWED", "invitation")]


async def test_production_closes_once_there_is_an_administrator(settings: Settings, ada: Person, db: Database) -> None:
    async with serving(settings.model_copy(update={"mode": Mode.PRODUCTION})) as http:
        await set_account(db, ada, capabilities=["ADMIN"])
        assert await Api(http).codes("SignUp", email=new_email(), password=PASSWORD) == [("NOT_ALLOWED", "")]
        await set_account(db, ada, capabilities=[])
    async with serving(settings.model_copy(update={"mode": Mode.PRODUCTION, "sign_up": SignUp.OPEN})) as http:
        await set_account(db, ada, capabilities=["ADMIN"])
        assert (await join(http)).token
        await set_account(db, ada, capabilities=[])


async def test_sign_up_costs_the_same_for_a_known_and_a_new_address(stranger: Api, ada: Person) -> None:
    with counted() as new:
        await stranger.mutate("SignUp", email=new_email(), password=PASSWORD)
    with counted() as known:
        await stranger.mutate("SignUp", email=ada.email, password=PASSWORD)
    assert len(new) == len(known) == 4, (new, known)


async def test_reading_the_viewer_costs_two_statements(ada: Person) -> None:
    with counted() as statements:
        await ada.run("Viewer")
    assert len(statements) == 2, statements
