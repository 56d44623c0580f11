"""Sign-in with e-mail and password. Unknown address, wrong password and locked account give one answer in one time.

`find` and `proof.weigh` come first, without a transaction for the time that weighing takes; `settle` decides under the lock.
"""

from dataclasses import dataclass, field
from uuid import UUID

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, ErrorCode
from coachwatts.identity import mails, proof, sessions
from coachwatts.identity.proof import Proof, WrongPassword
from coachwatts.identity.repository import devices, people
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who it would be, if the password fits. Nobody for an unknown address, who is then weighed all the same."""

    user_id: UUID | None = None
    password_hash: str | None = field(default=None, repr=False)


async def find(session: ReadSession, email: str) -> Candidate:
    user_id = await people.id_by_email(session, email)
    if user_id is None:
        return Candidate()
    await session.see(Scope.own(user_id))
    account = await people.by_id(session, user_id)
    return Candidate(user_id, account.password_hash if account else None)


async def settle(
    session: WriteSession, runtime: Runtime, client: Client, candidate: Candidate, given: Proof, *, remember_me: bool = False
) -> Begun | CoachWattsError:
    """A refusal is returned, so that it is committed: it counts. The edge raises it afterwards."""
    if candidate.user_id is None:
        return WrongPassword()
    await session.see(Scope.own(candidate.user_id))
    account = await people.by_id(session, candidate.user_id, lock=True)
    if account is None or not await proof.settle(session, runtime, account, given):
        return WrongPassword()
    if account.email_verified_at is None:
        return CoachWattsError("Open the link in the mail that we sent you first.", field="email", code=ErrorCode.EMAIL_NOT_VERIFIED)
    return await admit(session, runtime, client, account, remember_me=remember_me)


async def admit(session: WriteSession, runtime: Runtime, client: Client, account: UserAccount, *, remember_me: bool = False) -> Begun:
    """Whoever has proven to be the owner of this account, in whichever way, gets a session; a new device is told of by mail."""
    account.last_sign_in_at = clock.now()
    begun = await sessions.begin(session, account.id, client, remember_me=remember_me)
    await session.flush()
    if await devices.is_new(session, begun.session):
        await mails.send(session, runtime.settings, Order(Letter.NEW_DEVICE, account.id, session_id=begun.session.id))
    return begun
