"""The password once more, before a delicate change: a session left open on somebody's desk does not change sign-in itself."""

from datetime import timedelta

from coachwatts.db.session import WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode
from coachwatts.identity import sessions
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Viewer
from coachwatts.runtime import Runtime
from coachwatts.security import passwords

TRIES, WITHIN = 5, timedelta(minutes=15)


async def confirm_password(session: WriteSession, runtime: Runtime, viewer: Viewer, password: str) -> sessions.Begun:
    viewer.require_session()
    tries = runtime.throttle.bucket(f"confirm-password:{viewer.user_id}", TRIES, WITHIN)
    await tries.take()
    account = await people.by_id(session, viewer.user_id)
    if account is None or account.password_hash is None:
        raise Conflict("This account has no password. Sign out and in again instead.", field="password")
    if not await passwords.verify(account.password_hash, password):
        raise CoachWattsError("This is not your password.", field="password", code=ErrorCode.WRONG_CREDENTIALS)
    await tries.refund(1)
    return sessions.confirm(await sessions.current(session, viewer))
