"""The password once more, before a delicate change: a session left open on somebody's desk does not change sign-in itself."""

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, Conflict
from coachwatts.identity import proof, sessions
from coachwatts.identity.proof import Proof, WrongPassword
from coachwatts.identity.repository import people
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Viewer
from coachwatts.runtime import Runtime


async def stored(session: ReadSession, viewer: Viewer) -> str:
    """The hash to weigh the password against."""
    viewer.require_session()
    account = await people.by_id(session, viewer.user_id)
    if account is None or account.password_hash is None:
        raise Conflict("You sign in without a password. Sign out and in again instead.", field="password")
    return account.password_hash


async def settle(session: WriteSession, runtime: Runtime, viewer: Viewer, given: Proof) -> Begun | CoachWattsError:
    """The session goes on under a new token. A refusal is returned, so that it is committed: it counts as at sign-in."""
    account = await people.require(session, viewer.user_id)
    if not await proof.settle(session, runtime, account, given):
        return WrongPassword("password")
    return sessions.confirm(await sessions.current(session, viewer))
