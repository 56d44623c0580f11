"""Another address to sign in with. The new mailbox confirms; the old one is told, and can take it all back."""

from datetime import datetime
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, ErrorCode, InvalidInput
from coachwatts.identity import audit, links, sessions
from coachwatts.identity.links import Link
from coachwatts.identity.repository import access_tokens, logins, people, second_factor
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime


async def request(session: WriteSession, runtime: Runtime, client: Client, viewer: Viewer, email: str) -> links.Sent:
    """An address that has an account gets a link too: only its mailbox learns, on opening it, that it is taken."""
    viewer.require_fresh()
    checks = Checks()
    email = checks.email("email", email)
    checks.done()
    account = await people.require(session, viewer.user_id)
    if email.lower() == account.email.lower():
        raise InvalidInput.of("email", "This is your address already.")
    audit.record(session, viewer, client, "email.change_requested")
    await links.send(session, runtime, account.id, EmailPurpose.KEEP_EMAIL, account.email)
    return await links.send(session, runtime, account.id, EmailPurpose.CHANGE_EMAIL, email)


async def complete(session: WriteSession, client: Client, link_token: str) -> UserAccount:
    link = await links.use(session, link_token, EmailPurpose.CHANGE_EMAIL)
    await _move(session, link)
    await links.close_others(session, link.account.id, keep={EmailPurpose.KEEP_EMAIL})  # the others went to the old address
    audit.record(session, None, client, "email.changed", athlete_id=link.account.id)
    return link.account


async def undo(session: WriteSession, runtime: Runtime, client: Client, link_token: str) -> links.Sent:
    """The old mailbox says: it was not me. Whoever it was knows the password, so that goes too, with all they could use."""
    link = await links.use(session, link_token, EmailPurpose.KEEP_EMAIL)
    account = link.account
    await _move(session, link)
    account.password_hash = None
    await links.close_others(session, account.id)
    await sessions.end_all(session, account.id, "the change of address was not by the owner")
    await access_tokens.revoke_all(session, account.id, clock.now())
    await _take_away_ways_in(session, account.id, since=link.row.created_at)
    audit.record(session, None, client, "email.change_undone", athlete_id=account.id)
    return await links.send(session, runtime, account.id, EmailPurpose.RESET_PASSWORD, account.email)


async def _take_away_ways_in(session: WriteSession, user_id: UUID, *, since: datetime) -> None:
    """What was added after the change was asked for is as little the owner's: a second step would even shut the owner out."""
    step = await second_factor.lock(session, user_id)
    if step and step.confirmed_at and step.confirmed_at >= since:  # the row may be older: somebody began and left it
        await second_factor.switch_off(session, user_id)
    for login in await logins.of_user(session, user_id):
        if login.created_at >= since:
            await logins.delete(session, login)


async def _move(session: WriteSession, link: Link) -> None:
    holder = await people.id_by_email(session, link.address)
    if holder not in {None, link.account.id}:
        raise Conflict("Another account uses this address.", field="token", code=ErrorCode.TAKEN)
    link.account.email, link.account.email_verified_at = link.address, clock.now()
    if not await people.save_email(session):
        raise Conflict("Another account uses this address.", field="token", code=ErrorCode.TAKEN)
