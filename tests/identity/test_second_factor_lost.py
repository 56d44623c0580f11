import asyncio

from typer.testing import CliRunner, Result

from coachwatts.cli.user import app as command
from coachwatts.config import Settings
from coachwatts.embedded.foreground import as_environment
from tests.kit.api import PASSWORD, Api, Person
from tests.kit.authenticator import enrol


async def second_factor_off(settings: Settings, email: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, command, ["second-factor-off", email], env=as_environment(settings))


async def sign_in(person: Person) -> dict[str, object]:
    return await Api(person.http).mutate("SignIn", email=person.email, password=PASSWORD, transport="BEARER")


async def test_whoever_lost_everything_is_let_in_by_who_runs_the_server(ada: Person, settings: Settings) -> None:
    app = await enrol(ada)
    pending = Api(ada.http, str((await sign_in(ada))["token"]))
    done = await second_factor_off(settings, ada.email)
    assert (done.exit_code, ada.email in done.stdout) == (0, True)
    assert (await sign_in(ada))["secondFactorRequired"] is False
    response = await pending.send(f'mutation {{ confirmSecondFactor(input: {{code: "{app.code()}"}}) {{ token }} }}')
    assert response.json()["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


async def test_there_is_a_word_when_there_is_nothing_to_switch_off(ada: Person, settings: Settings) -> None:
    done = await second_factor_off(settings, ada.email)
    assert "not on" in str(done.exception)
    assert (await second_factor_off(settings, "nobody@example.org")).exit_code == 1
