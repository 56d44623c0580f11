"""The second step of signing in: a code from an authenticator, or a recovery code.

Switched on in two steps, so that nobody locks themselves out: `start` shows a secret, `enable` wants a code made from it.
Wrong codes are counted in the account's row, under its lock: neither aliases nor parallel requests nor new sign-ins buy more tries.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from coachwatts import clock
from coachwatts.db.encrypted import place_of
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, InvalidInput, RateLimited, SessionExpired
from coachwatts.identity import audit, mails, sessions
from coachwatts.identity.repository import people
from coachwatts.identity.repository import second_factor as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.ids import new_id
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.sign_in import Totp
from coachwatts.runtime import Runtime
from coachwatts.security import recovery, totp
from coachwatts.security.lockout import rest_after


@dataclass(frozen=True, slots=True)
class Proof:
    """One of the two."""

    code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)

    def check(self) -> None:
        if (self.code is None) == (self.recovery_code is None):
            raise InvalidInput.of("code", "Give either a code of your authenticator or a recovery code.", ErrorCode.REQUIRED)


class WrongCode(CoachWattsError):
    """Returned, not raised, where it is counted: raising would roll the count back. The edge raises it after the commit."""

    def __init__(self, proof: Proof) -> None:
        given = "code" if proof.recovery_code is None else "recovery_code"
        super().__init__("This code is wrong, too old, or was used.", field=given, code=ErrorCode.WRONG_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Setup:
    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    enabled_at: datetime
    recovery_codes_left: int


async def state(session: ReadSession, user_id: UUID) -> State | None:
    found = await repository.state(session, user_id)
    return State(*found) if found else None


async def start(session: WriteSession, runtime: Runtime, viewer: Viewer) -> Setup:
    """A new secret. It protects nothing yet, and takes the place of one that was started before."""
    viewer.require_fresh()
    await people.by_id(session, viewer.user_id, lock=True)  # of two at the same moment, the second finds the row of the first
    row = await repository.lock(session, viewer.user_id) or Totp(id=new_id(), user_id=viewer.user_id)
    if row.confirmed_at:
        raise Conflict("The second step is on already. Switch it off first.")
    secret = totp.new_secret()
    row.secret = runtime.keys.seal(secret, place_of(row, "secret"))
    session.add(row)
    return Setup(secret, totp.provisioning_uri(secret, viewer.email))


async def enable(session: WriteSession, runtime: Runtime, viewer: Viewer, client: Client, code: str) -> tuple[str, ...] | WrongCode:
    """Returns recovery codes, which nobody sees again. Every other device has to sign in anew, with a code."""
    viewer.require_fresh()
    row = await repository.lock(session, viewer.user_id)
    if row is None or row.confirmed_at:
        raise Conflict("The second step is on already." if row else "Start with a new secret first.")
    if not await _accepts(session, runtime, row, Proof(code)):
        return WrongCode(Proof(code))
    row.confirmed_at = clock.now()
    audit.record(session, viewer, client, "second_factor.enabled")
    await mails.send(session, runtime.settings, Order(Letter.SECOND_FACTOR_ON, viewer.user_id))
    await sessions.end_others(session, viewer, "second step switched on")
    return await _new_codes(session, viewer)


async def confirm(session: WriteSession, runtime: Runtime, pending: Viewer, proof: Proof) -> sessions.Begun | WrongCode:
    """The second step itself: makes a pending session a full one, under a new token."""
    proof.check()
    row = await repository.lock(session, pending.user_id)
    own = await sessions.current(session, pending)
    if row is None:
        raise SessionExpired
    return sessions.complete(own) if await _accepts(session, runtime, row, proof) else WrongCode(proof)


async def disable(session: WriteSession, runtime: Runtime, viewer: Viewer, client: Client, proof: Proof) -> WrongCode | None:
    viewer.require_fresh()
    proof.check()
    if not await _accepts(session, runtime, await _enabled(session, viewer), proof):
        return WrongCode(proof)
    await repository.switch_off(session, viewer.user_id)
    audit.record(session, viewer, client, "second_factor.disabled")
    await mails.send(session, runtime.settings, Order(Letter.SECOND_FACTOR_OFF, viewer.user_id))
    await sessions.end_others(session, viewer, "second step switched off")
    return None


async def renew_codes(session: WriteSession, viewer: Viewer, client: Client) -> tuple[str, ...]:
    """The codes of before open nothing any longer."""
    viewer.require_fresh()
    await _enabled(session, viewer)
    audit.record(session, viewer, client, "second_factor.recovery_codes_renewed")
    return await _new_codes(session, viewer)


async def _enabled(session: WriteSession, viewer: Viewer) -> Totp:
    row = await repository.lock(session, viewer.user_id)
    if row is None or row.confirmed_at is None:
        raise Conflict("The second step is not on.")
    return row


async def _accepts(session: WriteSession, runtime: Runtime, row: Totp, proof: Proof) -> bool:
    """Under the lock of the row. Raises RateLimited while the account rests."""
    now = clock.now()
    if row.locked_until and row.locked_until > now:
        wait = (row.locked_until - now).total_seconds()
        raise RateLimited(f"Too many wrong codes. Try again in {wait // 60 + 1:.0f} minutes.", retry_after_s=wait)
    if await _fits(session, runtime, row, proof):
        row.failures, row.locked_until = 0, None
        return True
    row.failures += 1
    rest = rest_after(row.failures)
    row.locked_until = now + rest if rest else None
    return False


async def _fits(session: WriteSession, runtime: Runtime, row: Totp, proof: Proof) -> bool:
    if proof.recovery_code is not None:
        code_hash = recovery.hash_code(proof.recovery_code)
        return code_hash is not None and await repository.spend_code(session, row.user_id, code_hash, clock.now())
    secret = runtime.keys.open(row.secret, place_of(row, "secret"))
    step = totp.accepted_step(secret, proof.code or "", last_step=row.last_step)
    row.last_step = step or row.last_step
    return step is not None


async def _new_codes(session: WriteSession, viewer: Viewer) -> tuple[str, ...]:
    codes = recovery.new_codes()
    await repository.replace_codes(session, viewer.user_id, filter(None, map(recovery.hash_code, codes)))
    return codes
