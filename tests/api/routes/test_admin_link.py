"""The one-time link that makes the first administrator."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database, owner_engine
from coachwatts.db.scope import Scope
from coachwatts.identity import admin_link
from tests.kit.api import PASSWORD, Api, Person
from tests.kit.browser import browser

FORGED = ["x", "cwa_" + "a" * 49, "%00", "..%2f..%2fetc%2fpasswd", "x" * 5000]


@pytest.fixture(autouse=True)
async def no_admin(settings: Settings) -> AsyncIterator[None]:
    """Before, because others make some; after, because others count on none."""
    await forget_admins(settings)
    yield
    await forget_admins(settings)


async def forget_admins(settings: Settings) -> None:
    engine = owner_engine(settings)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE user_account SET capabilities = '{}' WHERE 'ADMIN' = ANY (capabilities)")
    await engine.dispose()


async def new_link(db: Database, settings: Settings) -> str | None:
    async with db.write(Scope.nobody()) as session:
        return await admin_link.current_link(session, settings)


@pytest.fixture
async def token(db: Database, settings: Settings) -> str:
    link = await new_link(db, settings)
    assert link
    assert link.startswith("http://127.0.0.1:8000/auth/admin/cwa_")
    return link.rsplit("/", 1)[1]


async def open_page(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await http.get(f"/auth/admin/{token}", headers={"accept": "text/html"})


async def test_whoever_holds_the_link_and_is_signed_in_becomes_administrator(
    ada: Person, token: str, db: Database, settings: Settings
) -> None:
    payload = await ada.mutate("ClaimAdmin", token=token)
    assert payload["errors"] == []
    renewed = Api(ada.http, payload["token"])
    assert (await renewed.run("Viewer"))["viewer"]["capabilities"] == ["ADMIN"]
    assert await new_link(db, settings) is None


async def test_the_session_is_renewed_with_the_right(ada: Person, token: str) -> None:
    await ada.mutate("ClaimAdmin", token=token)
    answer = (await ada.send("{ viewer { id } }")).json()
    assert answer["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


async def test_in_a_browser_the_cookie_is_renewed(http: httpx.AsyncClient, ada: Person, token: str) -> None:
    async with browser(http) as api:
        await api.mutate("SignIn", email=ada.email, password=PASSWORD)
        assert "Become administrator" in (await open_page(api.http, token)).text
        assert (await api.mutate("ClaimAdmin", token=token))["token"] is None
        assert (await api.run("Viewer"))["viewer"]["capabilities"] == ["ADMIN"]


async def test_signed_out_the_page_asks_to_sign_in_and_comes_back(http: httpx.AsyncClient, token: str) -> None:
    page = await open_page(http, token)
    assert page.status_code == 200
    assert "Become administrator" not in page.text
    assert f'data-return-to="/auth/admin/{token}"' in page.text


async def test_the_link_works_once(ada: Person, bob: Person, token: str) -> None:
    await ada.mutate("ClaimAdmin", token=token)
    assert await bob.codes("ClaimAdmin", token=token) == [("EXPIRED", "token")]
    assert (await open_page(bob.http, token)).status_code == 410


async def test_of_two_at_the_same_moment_one_becomes_administrator(ada: Person, bob: Person, token: str) -> None:
    outcomes = await asyncio.gather(*(person.codes("ClaimAdmin", token=token) for person in (ada, bob)))
    assert sorted(outcomes) == [[], [("EXPIRED", "token")]]


async def test_the_link_works_for_a_day(ada: Person, token: str) -> None:
    with clock.turned_by(timedelta(hours=24, minutes=1)):
        assert (await open_page(ada.http, token)).status_code == 410


async def test_a_newer_link_replaces_it(ada: Person, token: str, db: Database, settings: Settings) -> None:
    await new_link(db, settings)
    assert await ada.codes("ClaimAdmin", token=token) == [("EXPIRED", "token")]


@pytest.mark.parametrize("forged", FORGED, ids=range(len(FORGED)))
async def test_a_forged_link_opens_nothing(http: httpx.AsyncClient, forged: str) -> None:
    answer = await open_page(http, forged)
    assert answer.status_code in {404, 410}


async def test_a_personal_token_does_not_become_administrator(ada: Person, token: str) -> None:
    made = await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"])
    assert made["errors"] == []
    answer = (
        await Api(ada.http, made["token"]).send("mutation($t: String!) { claimAdmin(input: {token: $t}) { token } }", {"t": token})
    ).json()
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert await ada.codes("ClaimAdmin", token=token) == []


async def test_only_a_hash_of_the_link_is_kept(token: str, settings: Settings) -> None:
    engine = owner_engine(settings)
    async with engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM admin_link")).all()
    await engine.dispose()
    assert rows
    assert token not in str(rows)
