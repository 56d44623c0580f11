"""Sign-in with e-mail and password. Unknown address, wrong password and locked account give one answer in one time."""

from dataclasses import dataclass, field

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import CoachWattsError, ErrorCode
from coachwatts.identity import sessions
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Client
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security import passwords


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str = field(repr=False)
    remember_me: bool = False


class WrongCredentials(CoachWattsError):
    def __init__(self) -> None:
        super().__init__("E-mail address or password is wrong, or the account is locked for a while.", code=ErrorCode.WRONG_CREDENTIALS)


async def sign_in(session: WriteSession, runtime: Runtime, client: Client, given: Credentials) -> sessions.Begun:
    account = await _find(session, given.email)
    right = await passwords.verify(account.password_hash if account else None, given.password)
    if account is None or not right or not account.is_active:
        raise WrongCredentials
    if account.email_verified_at is None:
        raise CoachWattsError("Open the link in the mail that we sent you first.", field="email", code=ErrorCode.EMAIL_NOT_VERIFIED)
    account.last_sign_in_at = clock.now()
    return await sessions.begin(session, account.id, client, remember_me=given.remember_me)


async def _find(session: WriteSession, email: str) -> UserAccount | None:
    user_id = await people.id_by_email(session, email.strip()[:254])
    if user_id is None:
        return None
    await session.see(Scope.own(user_id))
    return await people.by_id(session, user_id, lock=True)
