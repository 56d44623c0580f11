"""Accounts, by who sits at the machine."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from coachwatts.config import Settings
    from coachwatts.db.engine import Database
    from coachwatts.db.session import WriteSession
    from coachwatts.models.user import Capability, UserAccount

app = typer.Typer(help="Accounts: make, lock, unlock, and what they may do.", no_args_is_help=True)

T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="The address of the account.")]
May = Annotated[str, typer.Argument(metavar="CAPABILITY", help="coach or admin.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Show every account, oldest first."""
    import json

    from coachwatts.identity import upkeep

    async def action(db: "Database", _settings: "Settings") -> list[dict[str, Any]]:
        return [_row(account) async for account in upkeep.everybody(db)]

    rows = _run(action)
    line = "{id}  {email:40} {state:12} {capabilities}"
    print(json.dumps(rows, indent=2, default=str) if as_json else "\n".join(line.format(**row) for row in rows))


@app.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option(help="The name shown to others.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May run this server.")] = False,
) -> None:
    """Make an account and print the link to choose its password. Good for an hour; `reset-link` makes another."""
    from coachwatts.identity import upkeep

    async def action(session: "WriteSession", settings: "Settings") -> str:
        account = await upkeep.create(session, email, name, admin=admin)
        return await upkeep.reset_link(session, settings, account)

    print(_run_writing(action))


@app.command("reset-link")
def reset_link(email: Email) -> None:
    """Print a link to choose a new password, good for an hour. Hand it to the person themselves."""
    from coachwatts.identity import upkeep

    async def action(session: "WriteSession", settings: "Settings") -> str:
        return await upkeep.reset_link(session, settings, await upkeep.find(session, email))

    print(_run_writing(action))


@app.command("admin-link")
def admin_link() -> None:
    """Print a one-time link that makes whoever opens it the first administrator. None when there is one."""
    from coachwatts.identity import admin_link as links

    async def action(session: "WriteSession", settings: "Settings") -> str | None:
        return await links.current_link(session, settings)

    if link := _run_writing(action):
        print(link)
    else:
        typer.echo("There is an administrator. `coachwatts user grant EMAIL admin` makes another.", err=True)


@app.command()
def grant(email: Email, capability: May) -> None:
    """Let a person coach, or run this server."""
    from coachwatts.identity import upkeep

    wanted = _capability(capability)
    _change(email, lambda session, account: upkeep.grant(session, account, wanted))


@app.command()
def revoke(email: Email, capability: May) -> None:
    """Take such a right away. The last administrator stays one."""
    from coachwatts.identity import upkeep

    wanted = _capability(capability)
    _change(email, lambda session, account: upkeep.withdraw(session, account, wanted))


@app.command()
def deactivate(email: Email) -> None:
    """Keep a person out. Sessions and tokens end; nothing is deleted."""
    from coachwatts.identity import upkeep

    _change(email, upkeep.deactivate)


@app.command()
def activate(email: Email) -> None:
    """Let a person in again."""
    from coachwatts.identity import upkeep

    _change(email, upkeep.activate)


@app.command()
def unlock(email: Email) -> None:
    """Let a person try again at once after wrong passwords."""
    from coachwatts.identity import upkeep

    _change(email, upkeep.unlock)


@app.command("second-factor-off")
def second_factor_off(email: Email) -> None:
    """Let a person in without a code who lost the authenticator and the recovery codes. Make sure that it is them."""
    from coachwatts.identity import upkeep

    _change(email, upkeep.switch_off_second_factor)


def _change(email: str, change: "Callable[[WriteSession, UserAccount], Awaitable[None]]") -> None:
    from coachwatts.identity import upkeep

    async def action(session: "WriteSession", _settings: "Settings") -> str:
        account = await upkeep.find(session, email)
        await change(session, account)
        return "{email:40} {state:12} {capabilities}".format(**_row(account))

    print(_run_writing(action))


def _run_writing(action: "Callable[[WriteSession, Settings], Awaitable[T]]") -> T:
    from coachwatts.db.scope import Scope

    async def in_transaction(db: "Database", settings: "Settings") -> T:
        async with db.write(Scope.nobody()) as session:
            return await action(session, settings)

    return _run(in_transaction)


def _run(action: "Callable[[Database, Settings], Awaitable[T]]") -> T:
    import asyncio

    from coachwatts import config
    from coachwatts.db.engine import Database
    from coachwatts.embedded.services import reached

    async def connected(settings: "Settings") -> T:
        database = Database(settings)
        try:
            return await action(database, settings)
        finally:
            await database.close()

    with reached(config.load()) as settings:
        return asyncio.run(connected(settings))


def _capability(name: str) -> "Capability":
    from coachwatts.models.user import Capability

    try:
        return Capability(name.upper())
    except ValueError:
        raise typer.BadParameter(f"A capability is one of {', '.join(known.lower() for known in Capability)}.") from None


def _row(account: "UserAccount") -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "state": _state(account),
        "capabilities": ", ".join(account.capabilities).lower(),
        "last_sign_in_at": account.last_sign_in_at,
    }


def _state(account: "UserAccount") -> str:
    from coachwatts import clock
    from coachwatts.identity import proof

    if not account.is_active:
        return "deactivated"
    if account.email_verified_at is None:
        return "unverified"
    return "locked" if proof.is_resting(account, clock.now()) else "active"
