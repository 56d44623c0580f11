"""`coachwatts user`: accounts by who sits at the machine."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from coachwatts import clock
from coachwatts.cli.user import app
from coachwatts.config import Settings
from coachwatts.db.engine import Database, owner_engine
from coachwatts.embedded.foreground import as_environment
from coachwatts.errors import Conflict, InvalidInput, NotFound
from coachwatts.identity import upkeep
from tests.kit.accounts import account_of, set_account, user_of
from tests.kit.api import PASSWORD, Api, Failed, Person, new_email

Command = Callable[..., Awaitable[str]]
NEW = "four-plain-words-here"


@pytest.fixture
def user(settings: Settings) -> Command:
    """Runs the command; returns what it printed, or raises what it failed with."""

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, env=as_environment(settings))
        if done.exit_code:
            raise done.exception if isinstance(done.exception, Exception) else RuntimeError(done.output)
        return done.stdout.strip()

    return partial(asyncio.to_thread, run)


@pytest.fixture
async def no_other_admin(settings: Settings) -> None:
    async with owner_engine(settings).begin() as owner:
        await owner.execute(text("UPDATE user_account SET capabilities = '{}'"))


async def listed(user: Command, email: str) -> dict[str, Any]:
    return next(row for row in json.loads(await user("list", "--json")) if row["email"] == email)


async def sign_in(api: Api, email: str, password: str = PASSWORD) -> list[tuple[str, str]]:
    return await api.codes("SignIn", email=email, password=password, transport="BEARER")


async def test_an_account_is_made_with_a_link_to_choose_its_password(user: Command, stranger: Api) -> None:
    email = new_email()
    link = await user("create", email, "--name", "Grace", "--admin")
    assert (await listed(user, email)).items() >= {"name": "Grace", "state": "active", "capabilities": "admin"}.items()
    assert await sign_in(stranger, email, "") == [("WRONG_CREDENTIALS", "")]
    assert await stranger.codes("ResetPassword", token=link.rsplit("/", 1)[1], password=NEW) == []
    assert await sign_in(stranger, email, NEW) == []


async def test_what_is_taken_or_no_address_makes_no_account(user: Command, ada: Person) -> None:
    with pytest.raises(InvalidInput, match="already"):
        await user("create", ada.email.upper())
    with pytest.raises(InvalidInput, match="not an e-mail address"):
        await user("create", "nobody")


async def test_capabilities_come_and_go(user: Command, ada: Person, db: Database) -> None:
    assert "coach" in await user("grant", ada.email, "coach")
    await user("grant", ada.email, "coach")
    assert (await account_of(db, ada)).capabilities == ["COACH"]
    await user("revoke", ada.email, "COACH")
    assert (await account_of(db, ada)).capabilities == []
    with pytest.raises(RuntimeError, match="coach, admin"):
        await user("grant", ada.email, "king")
    with pytest.raises(NotFound):
        await user("grant", new_email(), "coach")


@pytest.mark.usefixtures("no_other_admin")
async def test_the_last_administrator_stays(user: Command, ada: Person, bob: Person, db: Database) -> None:
    await user("grant", ada.email, "admin")
    for command in (("revoke", ada.email, "admin"), ("deactivate", ada.email)):
        with pytest.raises(Conflict, match="last administrator"):
            await user(*command)
    assert (await account_of(db, ada)).is_active
    await user("grant", bob.email, "admin")
    await user("revoke", ada.email, "admin")
    assert (await account_of(db, ada)).capabilities == []


async def test_a_deactivated_person_is_out_until_activated(user: Command, ada: Person, stranger: Api) -> None:
    await user("deactivate", ada.email)
    assert (await listed(user, ada.email))["state"] == "deactivated"
    with pytest.raises(Failed):
        await ada.run("Viewer")
    assert await sign_in(stranger, ada.email) == [("WRONG_CREDENTIALS", "")]
    with pytest.raises(Conflict, match="Activate"):
        await user("reset-link", ada.email)
    await user("activate", ada.email)
    assert await sign_in(stranger, ada.email) == []


async def test_a_locked_person_can_try_again(user: Command, ada: Person, stranger: Api, db: Database) -> None:
    await set_account(db, ada, failed_sign_ins=9, locked_until=clock.now() + timedelta(hours=1))
    assert (await listed(user, ada.email))["state"] == "locked"
    await user("unlock", ada.email)
    assert await sign_in(stranger, ada.email) == []


async def test_a_newer_reset_link_replaces_the_older(user: Command, ada: Person, stranger: Api) -> None:
    older, newer = [(await user("reset-link", ada.email)).rsplit("/", 1)[1] for _ in range(2)]
    assert await stranger.codes("ResetPassword", token=older, password=NEW) == [("EXPIRED", "token")]
    assert await stranger.codes("ResetPassword", token=newer, password=NEW) == []


async def test_the_list_goes_through_everybody_in_batches(
    user: Command, ada: Person, bob: Person, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 1)
    found = [account.id async for account in upkeep.everybody(db)]
    assert {user_of(ada), user_of(bob)} <= set(found)
    assert found == sorted(set(found))
    shown = await user("list")
    assert ada.email in shown
    assert bob.email in shown


async def test_what_is_done_is_written_down(user: Command, ada: Person, settings: Settings) -> None:
    await user("grant", ada.email, "coach")
    await user("unlock", ada.email)
    async with owner_engine(settings).connect() as owner:
        found = await owner.execute(
            text("SELECT action FROM audit_event WHERE athlete_id = :id AND acting_as = 'ADMIN' ORDER BY id"), {"id": user_of(ada)}
        )
        assert list(found.scalars()) == ["capability.granted", "account.unlocked"]
