"""What each operation on sessions, the second step and tokens costs in statements, the look-up of the session included."""

from typing import Any

import pytest

from tests.kit.api import PASSWORD, Api, Person
from tests.kit.authenticator import Authenticator, enrol
from tests.kit.statements import counted

TOKEN = {"name": "script", "scopes": ["ACCOUNT_READ"]}


async def spent(api: Api, operation: str, **input: Any) -> int:
    with counted() as statements:
        payload = await api.mutate(operation, **input)
    assert payload["errors"] == [], payload
    return len(statements)


async def device(person: Person) -> str:
    await Api(person.http).mutate("SignIn", email=person.email, password=PASSWORD, transport="BEARER")
    devices = (await person.run("Sessions", first=9))["viewer"]["sessions"]["edges"]
    return next(str(edge["node"]["id"]) for edge in devices if not edge["node"]["current"])


async def token(person: Person) -> str:
    return str((await person.mutate("CreateAccessToken", **TOKEN))["accessToken"]["id"])


async def half(person: Person) -> Api:
    payload = await Api(person.http).mutate("SignIn", email=person.email, password=PASSWORD, transport="BEARER")
    return Api(person.http, payload["token"])


@pytest.fixture
async def app(ada: Person) -> Authenticator:
    return await enrol(ada)


async def test_sessions(ada: Person) -> None:
    assert await spent(ada, "RevokeSession", id=await device(ada)) == 2
    assert await spent(ada, "RevokeOtherSessions") == 2
    assert await spent(ada, "ConfirmPassword", password=PASSWORD) == 5


async def test_signing_out(ada: Person) -> None:
    assert await spent(ada, "SignOut") == 2


async def test_tokens(ada: Person) -> None:
    assert await spent(ada, "CreateAccessToken", **TOKEN) == 5
    assert await spent(ada, "RevokeAccessToken", id=await token(ada)) == 3


async def test_switching_the_second_step_on(ada: Person) -> None:
    with counted() as statements:
        started = await ada.mutate("StartSecondFactor")
    assert len(statements) == 4, statements
    assert await spent(ada, "EnableSecondFactor", code=Authenticator(started["secret"], []).code()) == 7


async def test_the_second_step(ada: Person, app: Authenticator) -> None:
    assert await spent(await half(ada), "ConfirmSecondFactor", code=app.code()) == 6
    assert await spent(await half(ada), "ConfirmSecondFactor", recoveryCode=app.recovery_codes[0]) == 6


async def test_recovery_codes_and_switching_it_off(ada: Person, app: Authenticator) -> None:
    assert await spent(ada, "RenewRecoveryCodes") == 5
    assert await spent(ada, "DisableSecondFactor", code=app.code()) == 7
