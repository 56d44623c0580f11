from datetime import timedelta

import pytest

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.identity import even_time
from tests.kit.accounts import account_of, set_account
from tests.kit.api import PASSWORD, Api, Failed, Person, new_email
from tests.kit.statements import counted

NEW = "four-plain-words-here"
EXPIRED = [("EXPIRED", "token")]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0)


async def reset_token(api: Api, email: str) -> str:
    payload = await api.mutate("RequestPasswordReset", email=email)
    assert payload["errors"] == []
    return str(payload["link"].rsplit("/", 1)[1])


async def sign_in(api: Api, email: str, password: str) -> list[tuple[str, str]]:
    return await api.codes("SignIn", email=email, password=password, transport="BEARER")


async def is_signed_in(person: Person) -> bool:
    try:
        return (await person.run("Viewer"))["viewer"] is not None
    except Failed:
        return False


async def test_a_reset_changes_the_password_and_ends_every_session(stranger: Api, ada: Person) -> None:
    token = await reset_token(stranger, ada.email)
    assert await stranger.codes("ResetPassword", token=token, password=NEW) == []
    assert not await is_signed_in(ada)
    assert await sign_in(stranger, ada.email, PASSWORD) == [("WRONG_CREDENTIALS", "")]
    assert await sign_in(stranger, ada.email, NEW) == []


async def test_asking_for_a_reset_reveals_nothing(stranger: Api, ada: Person, db: Database) -> None:
    known = await stranger.mutate("RequestPasswordReset", email=ada.email)
    unknown = await stranger.mutate("RequestPasswordReset", email=new_email())
    assert known["errors"] == unknown["errors"] == []
    await set_account(db, ada, is_active=False)
    assert await stranger.mutate("RequestPasswordReset", email=ada.email) == unknown


async def test_a_reset_link_works_once_for_an_hour_and_only_the_newest(stranger: Api, ada: Person) -> None:
    older, newer = await reset_token(stranger, ada.email), await reset_token(stranger, ada.email)
    assert await stranger.codes("ResetPassword", token=older, password=NEW) == EXPIRED
    with clock.turned_by(timedelta(minutes=61)):
        assert await stranger.codes("ResetPassword", token=newer, password=NEW) == EXPIRED
    assert await stranger.codes("ResetPassword", token=newer, password=NEW) == []
    assert await stranger.codes("ResetPassword", token=newer, password=NEW) == EXPIRED


async def test_a_refused_password_leaves_the_link_alive(stranger: Api, ada: Person) -> None:
    token = await reset_token(stranger, ada.email)
    assert await stranger.codes("ResetPassword", token=token, password="short") == [("TOO_SHORT", "password")]
    assert await stranger.codes("ResetPassword", token=token, password="password1") == [("TOO_COMMON", "password")]
    assert await stranger.codes("ResetPassword", token=token, password=ada.email.split("@")[0]) == [("TOO_COMMON", "password")]
    assert await stranger.codes("ResetPassword", token=token, password=NEW) == []


async def test_only_a_reset_link_resets(stranger: Api, ada: Person, bob: Person) -> None:
    signed_up = await stranger.mutate("SignUp", email=new_email(), password=PASSWORD)
    others = [signed_up["link"].rsplit("/", 1)[1], (await ada.mutate("RequestEmailChange", email=new_email()))["link"].rsplit("/", 1)[1]]
    for token in (*others, ada.token, "", " ", "None", "null", "cwe_", "cwe_" + "0" * 49, "\x00", "x" * 9000):
        assert await stranger.codes("ResetPassword", token=token, password=NEW) == EXPIRED
    assert await is_signed_in(ada)
    assert await is_signed_in(bob)
    assert await sign_in(stranger, bob.email, PASSWORD) == []


async def test_a_reset_link_does_nothing_else(stranger: Api, ada: Person) -> None:
    token = await reset_token(stranger, ada.email)
    for operation in ("VerifyEmail", "ConfirmEmailChange", "UndoEmailChange", "UnlockAccount"):
        more = {"password": PASSWORD} if operation == "VerifyEmail" else {}
        assert await stranger.codes(operation, token=token, **more) == EXPIRED
    assert await is_signed_in(Person(ada.http, token, ada.id, ada.email)) is False
    assert await stranger.codes("ResetPassword", token=token, password=NEW) == []


async def test_a_reset_unlocks_and_verifies(stranger: Api, ada: Person, db: Database) -> None:
    await set_account(db, ada, failed_sign_ins=9, locked_until=clock.now() + timedelta(hours=1), email_verified_at=None)
    token = await reset_token(stranger, ada.email)
    assert await stranger.codes("ResetPassword", token=token, password=NEW) == []
    assert await sign_in(stranger, ada.email, NEW) == []


async def test_the_owner_gets_in_after_a_reset_however_often_others_tried(stranger: Api, ada: Person) -> None:
    codes = [await sign_in(stranger, ada.email, "wrong") for _ in range(21)]
    assert codes[-1] == [("RATE_LIMITED", "")]
    assert await stranger.codes("ResetPassword", token=await reset_token(stranger, ada.email), password=NEW) == []
    assert await sign_in(stranger, ada.email, NEW) == []


async def test_somebody_who_signs_in_elsewhere_can_set_a_password(stranger: Api, ada: Person, db: Database) -> None:
    await set_account(db, ada, password_hash=None)
    codes = await ada.codes("ChangePassword", currentPassword="", newPassword=NEW)
    assert codes == [("CONFLICT", "currentPassword")]
    assert await stranger.codes("ResetPassword", token=await reset_token(stranger, ada.email), password=NEW) == []
    assert await sign_in(stranger, ada.email, NEW) == []


async def test_links_are_asked_for_a_few_times_an_hour(stranger: Api) -> None:
    email = new_email()
    codes = [await stranger.codes("RequestPasswordReset", email=email) for _ in range(6)]
    assert codes == [[]] * 5 + [[("RATE_LIMITED", "")]]


async def test_a_change_ends_the_other_sessions_and_renews_this_one(stranger: Api, ada: Person) -> None:
    elsewhere = await stranger.mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER")
    payload = await ada.mutate("ChangePassword", currentPassword=PASSWORD, newPassword=NEW)
    assert payload["errors"] == []
    assert not await is_signed_in(ada)
    assert not await is_signed_in(Person(ada.http, elsewhere["token"], ada.id, ada.email))
    assert await is_signed_in(Person(ada.http, payload["token"], ada.id, ada.email))
    assert await sign_in(stranger, ada.email, PASSWORD) == [("WRONG_CREDENTIALS", "")]
    assert await sign_in(stranger, ada.email, NEW) == []


async def test_a_change_needs_the_current_password_and_a_good_new_one(ada: Person, stranger: Api) -> None:
    wrong = await ada.codes("ChangePassword", currentPassword="wrong", newPassword=NEW)
    assert wrong == [("WRONG_CREDENTIALS", "currentPassword")]
    assert await ada.codes("ChangePassword", currentPassword=PASSWORD, newPassword="short") == [("TOO_SHORT", "newPassword")]
    assert await ada.codes("ChangePassword", currentPassword=PASSWORD, newPassword="x" * 257) == [("TOO_LONG", "newPassword")]
    assert await sign_in(stranger, ada.email, PASSWORD) == []
    with pytest.raises(Failed) as refused:
        await stranger.mutate("ChangePassword", currentPassword=PASSWORD, newPassword=NEW)
    assert refused.value.codes == ["UNAUTHENTICATED"]


async def test_guessing_the_current_password_locks_like_guessing_at_sign_in(ada: Person, stranger: Api, db: Database) -> None:
    for _ in range(5):
        await ada.codes("ChangePassword", currentPassword="wrong", newPassword=NEW)
    assert (await account_of(db, ada)).failed_sign_ins == 5
    assert await ada.codes("ChangePassword", currentPassword=PASSWORD, newPassword=NEW) == [("WRONG_CREDENTIALS", "currentPassword")]
    assert await sign_in(stranger, ada.email, PASSWORD) == [("WRONG_CREDENTIALS", "")]
    with clock.turned_by(MINUTE):
        assert await ada.codes("ChangePassword", currentPassword=PASSWORD, newPassword=NEW) == []


async def test_open_reset_links_die_with_a_change(ada: Person, stranger: Api) -> None:
    token = await reset_token(stranger, ada.email)
    assert await ada.codes("ChangePassword", currentPassword=PASSWORD, newPassword=NEW) == []
    assert await stranger.codes("ResetPassword", token=token, password="yet-another-one-5") == EXPIRED


async def test_statement_budgets(ada: Person, stranger: Api) -> None:
    with counted() as asking:
        token = await reset_token(stranger, ada.email)
    with counted() as resetting:
        await stranger.codes("ResetPassword", token=token, password=NEW)
    assert len(asking) <= 4, asking
    assert len(resetting) <= 11, resetting
