from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity.repository import logins
from coachwatts.ids import new_id
from coachwatts.models.sign_in import EmailToken, LoginAccount
from coachwatts.security.tokens import Token, TokenKind
from tests.kit.accounts import account_of, set_account, user_of
from tests.kit.api import PASSWORD, Api, Failed, Person, new_email
from tests.kit.authenticator import enrol

EXPIRED = [("EXPIRED", "token")]


async def request(person: Person, email: str) -> str:
    payload = await person.mutate("RequestEmailChange", email=email)
    assert payload["errors"] == []
    return str(payload["link"].rsplit("/", 1)[1])


async def undo_token(db: Database, person: Person) -> str:
    """The token of the link that a request has sent to the old address, put in place of the one whose hash alone is known."""
    token = Token.new(TokenKind.EMAIL)
    async with db.write(Scope.own(user_of(person))) as session:
        mine = update(EmailToken).where(EmailToken.purpose == "KEEP_EMAIL", EmailToken.identifier == person.email)
        await session.execute(mine.values(token_hash=token.hash))
    return token.text


async def login_at(db: Database, person: Person, provider: str) -> UUID:
    row = LoginAccount(id=new_id(), user_id=user_of(person), provider=provider, provider_account_id=str(new_id()), type="oauth")
    async with db.write(Scope.own(user_of(person))) as session:
        session.add(row)
    return row.id


async def open_links(db: Database, person: Person) -> list[tuple[str, str]]:
    async with db.read(Scope.own(user_of(person))) as session:
        rows = await session.scalars(select(EmailToken).where(EmailToken.used_at.is_(None)).order_by(EmailToken.id))
        return [(row.purpose, row.identifier) for row in rows]


async def test_the_new_address_counts_once_its_link_was_opened(ada: Person, stranger: Api, db: Database) -> None:
    new = new_email()
    token = await request(ada, new)
    assert await open_links(db, ada) == [("KEEP_EMAIL", ada.email), ("CHANGE_EMAIL", new)]
    assert (await ada.run("Viewer"))["viewer"]["email"] == ada.email
    assert await stranger.codes("ConfirmEmailChange", token=token) == []
    assert (await ada.run("Viewer"))["viewer"]["email"] == new
    assert await stranger.codes("ConfirmEmailChange", token=token) == EXPIRED
    assert await stranger.codes("SignIn", email=new, password=PASSWORD, transport="BEARER") == []
    assert await stranger.codes("SignIn", email=ada.email, password=PASSWORD, transport="BEARER") == [("WRONG_CREDENTIALS", "")]


async def test_a_change_needs_a_password_given_just_now(ada: Person) -> None:
    with clock.turned_by(timedelta(minutes=16)):
        assert await ada.codes("RequestEmailChange", email=new_email()) == [("CONFIRMATION_REQUIRED", "")]
        ada.token = (await ada.mutate("ConfirmPassword", password=PASSWORD))["token"]
        assert await ada.codes("RequestEmailChange", email=new_email()) == []


@pytest.mark.parametrize(
    "email", ["", "no", "a@b", "ada@example.org\r\nBcc: x@y.org", "ädä@example.org", f"{'a' * 250}@example.org", "\x00@a.org"]
)
async def test_what_is_no_address_is_refused(ada: Person, email: str) -> None:
    assert await ada.codes("RequestEmailChange", email=email) == [("INVALID", "email")]


async def test_the_same_address_in_another_case_is_no_change(ada: Person) -> None:
    assert await ada.codes("RequestEmailChange", email=ada.email.upper()) == [("INVALID", "email")]


async def test_that_an_address_is_taken_is_told_to_its_mailbox_alone(ada: Person, bob: Person, stranger: Api) -> None:
    token = await request(ada, bob.email)
    assert await stranger.codes("ConfirmEmailChange", token=token) == [("TAKEN", "token")]
    assert (await ada.run("Viewer"))["viewer"]["email"] == ada.email
    assert (await bob.run("Viewer"))["viewer"]["email"] == bob.email


async def test_the_newest_request_counts_and_ends_after_a_day(ada: Person, stranger: Api) -> None:
    older, newer = await request(ada, new_email()), await request(ada, new_email())
    assert await stranger.codes("ConfirmEmailChange", token=older) == EXPIRED
    with clock.turned_by(timedelta(hours=25)):
        assert await stranger.codes("ConfirmEmailChange", token=newer) == EXPIRED
    assert await stranger.codes("ConfirmEmailChange", token=newer) == []


async def test_reset_links_to_the_old_address_die_with_the_change(ada: Person, stranger: Api) -> None:
    reset = (await stranger.mutate("RequestPasswordReset", email=ada.email))["link"].rsplit("/", 1)[1]
    assert await stranger.codes("ConfirmEmailChange", token=await request(ada, new_email())) == []
    assert await stranger.codes("ResetPassword", token=reset, password="four-plain-words-here") == EXPIRED


async def test_the_old_mailbox_takes_everything_back(ada: Person, stranger: Api, db: Database) -> None:
    thief = ada
    for address in (new_email(), new_email()):  # two changes in a row do not shake the owner off
        await stranger.mutate("ConfirmEmailChange", token=await request(thief, address))
    assert ("KEEP_EMAIL", ada.email) in await open_links(db, ada)
    script = (await thief.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"]
    payload = await stranger.mutate("UndoEmailChange", token=await undo_token(db, ada))
    assert payload["errors"] == []
    for credential in (thief.token, script):
        with pytest.raises(Failed):
            await Api(stranger.http, credential).run("Viewer")
    assert await stranger.codes("SignIn", email=ada.email, password=PASSWORD, transport="BEARER") == [("WRONG_CREDENTIALS", "")]
    assert await open_links(db, ada) == [("RESET_PASSWORD", ada.email)]
    reset = payload["link"].rsplit("/", 1)[1]
    assert await stranger.codes("ResetPassword", token=reset, password="four-plain-words-here") == []
    assert await stranger.codes("SignIn", email=ada.email, password="four-plain-words-here", transport="BEARER") == []


async def test_ways_in_that_came_after_the_request_go_and_older_ones_stay(ada: Person, stranger: Api, db: Database) -> None:
    with clock.turned_by(timedelta(minutes=-3)):
        ways = [await login_at(db, ada, "google")]
    with clock.turned_by(timedelta(minutes=-2)):
        await request(ada, new_email())
    with clock.turned_by(timedelta(minutes=-4)):
        await ada.mutate("StartSecondFactor")  # begun by the owner and left: that makes what others switch on no older
    await enrol(ada)
    ways.append(await login_at(db, ada, "github"))
    reset = (await stranger.mutate("UndoEmailChange", token=await undo_token(db, ada)))["link"].rsplit("/", 1)[1]
    assert await stranger.codes("ResetPassword", token=reset, password="four-plain-words-here") == []
    signed_in = await stranger.mutate("SignIn", email=ada.email, password="four-plain-words-here", transport="BEARER")
    assert signed_in["secondFactorRequired"] is False
    async with db.read(Scope.own(user_of(ada))) as session:
        assert [row.id for row in await logins.of_user(session, user_of(ada))] == ways[:1]


async def test_a_second_step_from_before_the_request_stays(ada: Person, stranger: Api, db: Database) -> None:
    await enrol(ada)
    await request(ada, new_email())
    reset = (await stranger.mutate("UndoEmailChange", token=await undo_token(db, ada)))["link"].rsplit("/", 1)[1]
    assert await stranger.codes("ResetPassword", token=reset, password="four-plain-words-here") == []
    signed_in = await stranger.mutate("SignIn", email=ada.email, password="four-plain-words-here", transport="BEARER")
    assert signed_in["secondFactorRequired"] is True


async def test_taking_back_before_the_change_stops_it(ada: Person, stranger: Api, db: Database) -> None:
    token = await request(ada, new_email())
    assert await stranger.codes("UndoEmailChange", token=await undo_token(db, ada)) == []
    assert await stranger.codes("ConfirmEmailChange", token=token) == EXPIRED
    assert (await account_of(db, ada)).email == ada.email


async def test_an_address_that_went_to_somebody_else_is_not_taken_back(ada: Person, bob: Person, stranger: Api, db: Database) -> None:
    await request(ada, new_email())
    token = await undo_token(db, ada)
    async with db.write(Scope.own(user_of(ada))) as session:
        await session.execute(update(EmailToken).where(EmailToken.purpose == "KEEP_EMAIL").values(identifier=bob.email))
    assert await stranger.codes("UndoEmailChange", token=token) == [("TAKEN", "token")]
    assert (await account_of(db, ada)).password_hash is not None


async def test_the_links_of_a_deactivated_account_open_nothing(ada: Person, stranger: Api, db: Database) -> None:
    token = await request(ada, new_email())
    await set_account(db, ada, is_active=False)
    assert await stranger.codes("ConfirmEmailChange", token=token) == EXPIRED


async def test_scripts_and_strangers_change_no_address(ada: Person, stranger: Api) -> None:
    script = (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"]
    for api in (stranger, Api(ada.http, script)):
        with pytest.raises(Failed):
            await api.mutate("RequestEmailChange", email=new_email())
