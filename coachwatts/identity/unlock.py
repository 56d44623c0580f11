"""The owner of an account that rests after wrong passwords opens it again, by the link in the mail that told of it."""

from coachwatts.db.session import WriteSession
from coachwatts.identity import audit, links, proof
from coachwatts.identity.viewer import Client
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount


async def unlock(session: WriteSession, client: Client, link_token: str) -> UserAccount:
    link = await links.use(session, link_token, EmailPurpose.UNLOCK_ACCOUNT)
    proof.wake(link.account)
    audit.record(session, None, client, "account.unlocked", athlete_id=link.account.id)
    return link.account
