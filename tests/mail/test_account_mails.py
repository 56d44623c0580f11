"""What an account's owner hears by mail, and the links that come that way."""

import pytest

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import even_time, links
from coachwatts.models.sign_in import EmailPurpose
from tests.kit.api import PASSWORD, Api, Person, new_email
from tests.kit.mail import Postbox, text_of, token_of

NEW = "four-plain-words-here"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0)


@pytest.fixture
async def grace(api: Api, postbox: Postbox) -> Person:
    """Somebody whose mails arrive."""
    email = new_email()
    await api.mutate("SignUp", email=email, password=PASSWORD, name="Grace")
    await api.mutate("VerifyEmail", password=PASSWORD, token=token_of(await postbox.wait_for(email)))
    signed_in = await api.mutate("SignIn", email=email, password=PASSWORD, transport="BEARER")
    return Person(api.http, signed_in["token"], signed_in["viewer"]["id"], email)


async def sign_in(api: Api, email: str, password: str = PASSWORD) -> list[tuple[str, str]]:
    return await api.codes("SignIn", email=email, password=password, transport="BEARER")


async def test_the_owner_of_a_locked_account_opens_it_by_mail(api: Api, grace: Person, postbox: Postbox) -> None:
    for _ in range(7):
        await sign_in(api, grace.email, "wrong")
    assert await sign_in(api, grace.email) == [("WRONG_CREDENTIALS", "")]
    mail = await postbox.wait_for(grace.email, subject="locked")
    assert await api.codes("UnlockAccount", token=token_of(mail)) == []
    assert await sign_in(api, grace.email) == []
    assert await api.codes("UnlockAccount", token=token_of(mail)) == [("EXPIRED", "token")]
    assert sum("locked" in mail["Subject"] for mail in postbox.to(grace.email)) == 1


async def test_a_reset_by_mail_is_followed_by_a_notice(api: Api, grace: Person, postbox: Postbox) -> None:
    assert await api.mutate("RequestPasswordReset", email=grace.email) == {"link": None, "errors": []}
    mail = await postbox.wait_for(grace.email, subject="Choose a new password")
    assert await api.codes("ResetPassword", token=token_of(mail), password=NEW) == []
    notice = await postbox.wait_for(grace.email, subject="Your password was changed")
    assert "/auth/email/" not in text_of(notice)
    assert await sign_in(api, grace.email, NEW) == []


async def test_a_change_of_password_is_told_by_mail(grace: Person, postbox: Postbox) -> None:
    assert await grace.codes("ChangePassword", currentPassword=PASSWORD, newPassword=NEW) == []
    assert "(UTC)" in text_of(await postbox.wait_for(grace.email, subject="Your password was changed"))


async def test_both_mailboxes_hear_of_a_change_of_address_and_the_old_one_can_undo_it(api: Api, grace: Person, postbox: Postbox) -> None:
    thief = new_email()
    assert await grace.mutate("RequestEmailChange", email=thief) == {"link": None, "errors": []}
    confirm = await postbox.wait_for(thief, subject="Confirm your new e-mail address")
    undo = await postbox.wait_for(grace.email, subject="about to change")
    assert await api.codes("ConfirmEmailChange", token=token_of(undo)) == [("EXPIRED", "token")]
    assert await api.codes("ConfirmEmailChange", token=token_of(confirm)) == []
    assert await sign_in(api, thief) == []
    assert await api.mutate("UndoEmailChange", token=token_of(undo)) == {"link": None, "errors": []}
    reset = await postbox.wait_for(grace.email, subject="Choose a new password")
    assert await sign_in(api, thief) == [("WRONG_CREDENTIALS", "")]
    assert await api.codes("ResetPassword", token=token_of(reset), password=NEW) == []
    assert await sign_in(api, grace.email, NEW) == []


async def test_unknown_addresses_get_no_mail(api: Api, grace: Person, postbox: Postbox) -> None:
    nobody = new_email()
    await api.mutate("RequestPasswordReset", email=nobody)
    await api.mutate("ResendVerification", email=nobody)
    await api.mutate("RequestPasswordReset", email=grace.email)
    await postbox.wait_for(grace.email, subject="Choose a new password")
    assert postbox.to(nobody) == []


async def test_the_page_behind_a_link_learns_what_it_is_for_without_using_it_up(
    api: Api, grace: Person, postbox: Postbox, db: Database
) -> None:
    await api.mutate("RequestPasswordReset", email=grace.email)
    token = token_of(await postbox.wait_for(grace.email, subject="Choose a new password"))
    for _ in range(2):
        async with db.read(Scope.nobody()) as session:
            assert await links.describe(session, token) is EmailPurpose.RESET_PASSWORD
    assert await api.codes("ResetPassword", token=token, password=NEW) == []
    for dead in (token, "junk", grace.token or ""):
        async with db.read(Scope.nobody()) as session:
            assert await links.describe(session, dead) is None
