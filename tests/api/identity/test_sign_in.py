import asyncio
from datetime import timedelta
from time import perf_counter

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from coachwatts import clock
from coachwatts.app import create_app
from coachwatts.config import Settings
from coachwatts.db.engine import Database, owner_engine
from coachwatts.identity import even_time
from coachwatts.identity.pace import Pace
from coachwatts.security import passwords
from tests.kit.accounts import account_of, set_account, user_of
from tests.kit.api import PASSWORD, Api, Person, new_email
from tests.kit.statements import counted

WRONG = [("WRONG_CREDENTIALS", "")]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures answer at once, except where time is what is tested."""
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0)


async def try_in(api: Api, email: str, password: str = PASSWORD) -> list[tuple[str, str]]:
    return await api.codes("SignIn", email=email, password=password, transport="BEARER")


async def test_unknown_wrong_locked_deactivated_and_passwordless_answer_alike(
    stranger: Api, ada: Person, bob: Person, db: Database
) -> None:
    assert await try_in(stranger, new_email()) == WRONG
    assert await try_in(stranger, ada.email, "wrong") == WRONG
    await set_account(db, ada, locked_until=clock.now() + MINUTE)
    assert await try_in(stranger, ada.email) == WRONG
    await set_account(db, ada, locked_until=None, is_active=False)
    assert await try_in(stranger, ada.email) == WRONG
    await set_account(db, bob, password_hash=None)
    assert await try_in(stranger, bob.email) == WRONG
    assert await try_in(stranger, bob.email, "") == WRONG


async def test_five_wrong_passwords_lock_the_account_for_longer_and_longer(stranger: Api, ada: Person, db: Database) -> None:
    for _ in range(5):
        assert await try_in(stranger, ada.email, "wrong") == WRONG
    assert await try_in(stranger, ada.email) == WRONG
    with clock.turned_by(MINUTE):
        assert await try_in(stranger, ada.email, "wrong") == WRONG
        with clock.turned_by(MINUTE):
            assert await try_in(stranger, ada.email) == WRONG
            with clock.turned_by(MINUTE):
                assert await try_in(stranger, ada.email) == []
                assert (await account_of(db, ada)).failed_sign_ins == 0


async def test_who_knocks_at_a_locked_account_does_not_keep_it_locked(stranger: Api, ada: Person) -> None:
    for _ in range(10):
        await try_in(stranger, ada.email, "wrong")
    with clock.turned_by(MINUTE):
        assert await try_in(stranger, ada.email) == []


async def test_aliases_buy_no_more_tries(stranger: Api, ada: Person, db: Database) -> None:
    tries = [f't{n}: signIn(input: {{email: "{ada.email}", password: "wrong-{n}"}}) {{ errors {{ code }} }}' for n in range(5)]
    right = f'right: signIn(input: {{email: "{ada.email}", password: "{PASSWORD}"}}) {{ token errors {{ code }} }}'
    body = (await stranger.send(f"mutation {{ {' '.join(tries)} {right} }}")).json()
    assert [field["errors"][0]["code"] for field in body["data"].values()] == ["WRONG_CREDENTIALS"] * 6
    assert (await account_of(db, ada)).failed_sign_ins == 5


async def test_tries_at_the_same_moment_are_all_counted(stranger: Api, ada: Person, db: Database) -> None:
    await asyncio.gather(*(try_in(stranger, ada.email, "wrong") for _ in range(4)))
    assert (await account_of(db, ada)).failed_sign_ins == 4


async def test_tries_are_limited_per_account_known_or_not(stranger: Api) -> None:
    email = new_email()
    codes = [code for _ in range(22) for code, _ in await try_in(stranger, email)]
    assert codes == ["WRONG_CREDENTIALS"] * 20 + ["RATE_LIMITED"] * 2


async def test_tries_are_limited_per_address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coachwatts.api.identity.sign_in.SIGN_IN", Pace("sign-in here", 20, 4, timedelta(hours=1)))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        for ip, tries in (("203.0.113.77", 5), ("203.0.113.78", 1), ("2001:db8::1", 4), ("2001:db8::2", 1)):
            transport = httpx.ASGITransport(app=app, client=(ip, 50000))
            async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
                codes = [(await try_in(Api(http), new_email(), "x"))[0][0] for _ in range(tries)]
            limited = tries == 5 or ip.endswith("::2")  # a household has a whole /64
            assert codes == ["WRONG_CREDENTIALS"] * (tries - limited) + ["RATE_LIMITED"] * limited


async def test_no_failure_answers_sooner_than_the_slowest(stranger: Api, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0.5)
    for email in (ada.email, new_email()):
        began = perf_counter()
        assert await try_in(stranger, email, "wrong") == WRONG
        assert perf_counter() - began >= 0.5


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(stranger: Api, ada: Person, db: Database) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await set_account(db, ada, password_hash=old)
    assert await try_in(stranger, ada.email) == []
    renewed = (await account_of(db, ada)).password_hash
    assert renewed != old
    assert renewed
    assert not passwords.needs_rehash(renewed)
    assert await try_in(stranger, ada.email) == []


async def test_sign_in_notes_when_it_was(stranger: Api, ada: Person, db: Database) -> None:
    before = clock.now()
    await try_in(stranger, ada.email)
    seen = (await account_of(db, ada)).last_sign_in_at
    assert seen
    assert before <= seen <= clock.now()


async def test_the_address_is_known_in_any_case_and_with_spaces_around(stranger: Api, ada: Person) -> None:
    assert await try_in(stranger, f"  {ada.email.upper()} ") == []


@pytest.mark.parametrize("email", ["", " ", "\x00", "a" * 5000, "' OR 1=1 --", "%", "ada@example.org\x00", "\u202e"])
async def test_junk_is_nobodys_address(stranger: Api, email: str) -> None:
    assert await try_in(stranger, email) == WRONG


@pytest.mark.parametrize("password", ["", "\x00", "x" * 20_000, "\u0301" * 3000])
async def test_junk_is_nobodys_password(stranger: Api, ada: Person, password: str) -> None:
    assert await try_in(stranger, ada.email, password) == WRONG


async def test_sign_in_has_a_statement_budget(stranger: Api, ada: Person) -> None:
    with counted() as right:
        await try_in(stranger, ada.email)
    with counted() as wrong:
        await try_in(stranger, ada.email, "wrong")
    with counted() as unknown:
        await try_in(stranger, new_email(), "wrong")
    assert len(right) <= 9, right
    assert len(wrong) <= 4, wrong
    assert len(unknown) <= 1, unknown


async def test_no_password_is_in_the_database_in_any_form_but_its_hash(ada: Person, settings: Settings) -> None:
    async with owner_engine(settings).connect() as owner:
        rows = await owner.execute(text("SELECT u::text FROM user_account u WHERE id = :id"), {"id": user_of(ada)})
        (row,) = rows.scalars()
    assert "$argon2id$" in row
    assert PASSWORD not in row
