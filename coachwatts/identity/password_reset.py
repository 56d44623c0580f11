"""A forgotten password: a link to the mailbox, and whoever opens it chooses a new one. Asking reveals nothing."""

from coachwatts import clock
from coachwatts.db.session import WriteSession
from coachwatts.identity import audit, links, mails, proof, sessions
from coachwatts.identity.new_password import Chosen
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Client
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime

PURPOSE = EmailPurpose.RESET_PASSWORD


async def request(session: WriteSession, runtime: Runtime, email: str) -> links.Sent:
    mails.require_way(runtime.settings)
    account = await people.lock_by_email(session, email)
    if account is None or not account.is_active:
        return links.Sent()
    return await links.send(session, runtime, account.id, PURPOSE, account.email)


async def complete(session: WriteSession, runtime: Runtime, client: Client, link_token: str, chosen: Chosen) -> UserAccount:
    """Whoever was in is out: every session ends, and every link that another may have asked for."""
    link = await links.use(session, link_token, PURPOSE)
    account = link.account
    account.password_hash = chosen.hash
    account.email_verified_at = account.email_verified_at or clock.now()  # the link came through that mailbox
    proof.wake(account)
    await links.close_others(session, account.id, keep={EmailPurpose.KEEP_EMAIL})
    await sessions.end_all(session, account.id, "the password was reset")
    audit.record(session, None, client, "password.reset", athlete_id=account.id)
    await mails.send(session, runtime.settings, Order(Letter.PASSWORD_CHANGED, account.id))
    return account
