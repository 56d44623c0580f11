"""A new password from somebody who is signed in and knows the old one."""

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, Conflict
from coachwatts.identity import audit, links, mails, proof, sessions
from coachwatts.identity.new_password import Chosen
from coachwatts.identity.proof import Proof, WrongPassword
from coachwatts.identity.repository import people
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.runtime import Runtime


async def stored(session: ReadSession, viewer: Viewer) -> str:
    """The hash to weigh the current password against."""
    viewer.require_session()
    account = await people.by_id(session, viewer.user_id)
    if account is None or account.password_hash is None:
        raise Conflict("You sign in without a password. Ask for a reset link to set one.", field="current_password")
    return account.password_hash


async def settle(
    session: WriteSession, runtime: Runtime, client: Client, viewer: Viewer, *, given: Proof, chosen: Chosen
) -> Begun | CoachWattsError:
    """The other sessions end, this one goes on with a new token. A refusal is returned, so that it is committed: it counts."""
    account = await people.require(session, viewer.user_id)
    if not await proof.settle(session, runtime, account, given):
        return WrongPassword("current_password")
    account.password_hash = chosen.hash
    await links.close_others(session, account.id, keep={EmailPurpose.KEEP_EMAIL})
    await sessions.end_others(session, viewer, "the password was changed")
    audit.record(session, viewer, client, "password.changed")
    await mails.send(session, runtime.settings, Order(Letter.PASSWORD_CHANGED, account.id))
    return sessions.confirm(await sessions.current(session, viewer))
