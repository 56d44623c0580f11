import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import typer
from typer.testing import CliRunner, Result

from coachwatts.cli.erase import erase
from coachwatts.config import Settings
from coachwatts.embedded.foreground import as_environment
from coachwatts.errors import NotFound
from tests.kit.api import PASSWORD, Api, Failed, Person

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def command(settings: Settings) -> Command:
    app = typer.Typer()
    app.command()(erase)

    def run(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=answer, env=as_environment(settings))

    return partial(asyncio.to_thread, run)


async def sign_in(person: Person) -> list[tuple[str, str]]:
    return await Api(person.http).codes("SignIn", email=person.email, password=PASSWORD, transport="BEARER")


async def test_it_gives_the_person_fourteen_days(command: Command, ada: Person) -> None:
    done = await command(ada.email.upper())
    assert (done.exit_code, done.stdout.startswith("Will be erased after 20")) == (0, True)
    with pytest.raises(Failed):
        await ada.run("Viewer")  # signed out
    assert await sign_in(ada) == []
    ada.token = (await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER"))["token"]
    assert (await ada.mutate("KeepAccount"))["viewer"]["deletionDueAt"] is None


async def test_at_once_asks_first_and_leaves_a_genuine_proof(command: Command, ada: Person) -> None:
    assert (await command(ada.email, "--now", answer="n\n")).exit_code == 1
    assert await sign_in(ada) == []
    before = json.loads((await command("--proofs")).stdout)
    done = await command(ada.email, "--now", "--yes")
    assert (done.exit_code, done.stdout.startswith("Erased: ")) == (0, True)
    assert await sign_in(ada) == [("WRONG_CREDENTIALS", "")]
    (proof,) = json.loads((await command("--proofs")).stdout)[len(before) :]
    assert (proof["genuine"], proof["counts"]["user_account"]) == (True, 1)
    assert ada.email not in str(proof)


async def test_whom_nobody_knows_cannot_be_erased(command: Command, ada: Person) -> None:
    for address in ("nobody@example.org", "", "%", "None"):
        done = await command(address, "--now", "--yes")
        assert isinstance(done.exception, NotFound)
    assert await sign_in(ada) == []


@pytest.mark.parametrize("arguments", [(), ("somebody@example.org", "--proofs")])
async def test_it_wants_an_address_or_the_question_for_proofs(command: Command, arguments: tuple[str, ...]) -> None:
    assert (await command(*arguments)).exit_code == 2
