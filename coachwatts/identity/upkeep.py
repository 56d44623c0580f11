"""What is done to accounts from the command line, where to be on the machine is the permission."""

from collections.abc import AsyncIterator
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, ErrorCode, InvalidInput, NotFound
from coachwatts.identity import administration, audit, links, proof, sessions
from coachwatts.identity.repository import people, second_factor
from coachwatts.identity.viewer import Client
from coachwatts.ids import new_id
from coachwatts.mail.addresses import link_address
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.trust import ActingAs
from coachwatts.models.user import Capability, UserAccount

BATCH = 500


async def everybody(db: Database) -> AsyncIterator[UserAccount]:
    """Oldest first."""
    after: UUID | None = None
    while True:
        async with db.read(Scope.nobody()) as session:
            ids = await people.ids_after(session, after, BATCH)
            await session.see(Scope(accounts=frozenset(ids)))
            found = await people.by_ids(session, ids)
        for user_id in ids:
            if user_id in found:
                yield found[user_id]
        if len(ids) < BATCH:
            return
        after = ids[-1]


async def create(session: WriteSession, email: str, name: str = "", *, admin: bool = False) -> UserAccount:
    """Without a password: hand over the link of `reset_link`. Whoever makes the account vouches for the address."""
    checks = Checks()
    email, name = checks.email("email", email), checks.line("name", name, most=200)
    checks.done()
    may: list[str] = [Capability.ADMIN] if admin else []
    account = UserAccount(id=new_id(), email=email, name=name, email_verified_at=clock.now(), capabilities=may)
    await session.see(Scope.own(account.id))
    if not await people.insert(session, account):
        raise InvalidInput.of("email", "There is an account with this address already.", ErrorCode.TAKEN)
    _note(session, account, "account.created", capabilities=may)
    return account


async def find(session: WriteSession, email: str) -> UserAccount:
    account = await people.lock_by_email(session, email)
    if account is None:
        raise NotFound("There is no account with this address.")
    return account


async def grant(session: WriteSession, account: UserAccount, capability: Capability) -> None:
    if capability is Capability.ADMIN and capability not in account.capabilities:
        await sessions.end_all(session, account.id, "became an administrator")  # a session in other hands does not become one, too
    account.capabilities = sorted({*account.capabilities, capability})
    _note(session, account, "capability.granted", capability=capability)


async def withdraw(session: WriteSession, account: UserAccount, capability: Capability) -> None:
    if capability is Capability.ADMIN:
        await administration.keep_an_admin(session, account)
    account.capabilities = sorted(set(account.capabilities) - {capability})
    _note(session, account, "capability.withdrawn", capability=capability)


async def deactivate(session: WriteSession, account: UserAccount) -> None:
    """Nothing is deleted; nobody gets in."""
    await administration.keep_an_admin(session, account)
    account.is_active = False
    await administration.end_everything(session, account.id, "the account was deactivated")
    _note(session, account, "account.deactivated")


async def activate(session: WriteSession, account: UserAccount) -> None:
    account.is_active = True
    _note(session, account, "account.activated")


async def unlock(session: WriteSession, account: UserAccount) -> None:
    proof.wake(account)
    _note(session, account, "account.unlocked")


async def switch_off_second_factor(session: WriteSession, account: UserAccount) -> None:
    """For whoever lost the authenticator and the recovery codes. Whoever is signed in, or half way, begins anew."""
    if not await second_factor.is_on(session, account.id):
        raise Conflict("The second step is not on for this account.")
    await second_factor.switch_off(session, account.id)
    await sessions.end_all(session, account.id, "second step switched off")
    _note(session, account, "second_factor.disabled")


async def reset_link(session: WriteSession, settings: Settings, account: UserAccount) -> str:
    """A link to choose a password, to be handed over. Older ones stop working."""
    if not account.is_active:
        raise Conflict("The account is deactivated. Activate it first.")
    _, token = await links.issue(session, account.id, EmailPurpose.RESET_PASSWORD, account.email)
    _note(session, account, "password.reset_link_made")
    return link_address(settings, token.text)


def _note(session: WriteSession, account: UserAccount, action: str, **after: object) -> None:
    audit.record(session, None, Client(), action, athlete_id=account.id, acting_as=ActingAs.ADMIN, after=after or None)
