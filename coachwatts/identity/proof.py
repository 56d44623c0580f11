"""Whether somebody knows an account's password: weighed outside of any transaction, settled and counted inside one.

What settles a proof returns its verdict and never raises: raising would roll the count of failures back.
"""

from dataclasses import dataclass, field
from datetime import datetime

from coachwatts import clock
from coachwatts.db.session import WriteSession
from coachwatts.errors import CoachWattsError, ErrorCode
from coachwatts.identity import links
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security import passwords
from coachwatts.security.lockout import FREE_FAILURES, rest_after


class WrongPassword(CoachWattsError):
    """Returned, not raised, inside a transaction. The edge raises it after the commit."""

    def __init__(self, field: str = "") -> None:
        what = "This is not your password" if field else "E-mail address or password is wrong"
        super().__init__(f"{what}, or the account is locked for a while.", field=field or (), code=ErrorCode.WRONG_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Proof:
    right: bool
    weighed: str | None = field(default=None, repr=False)
    """The hash it was weighed against: one that has been replaced since proves nothing."""
    rehashed: str | None = field(default=None, repr=False)


async def weigh(stored: str | None, password: str) -> Proof:
    """Takes as long when there is no account or no password."""
    right = await passwords.verify(stored, password)
    outdated = right and stored is not None and passwords.needs_rehash(stored)
    return Proof(right, stored, await passwords.hash_password(password) if outdated else None)


async def settle(session: WriteSession, runtime: Runtime, account: UserAccount, proof: Proof) -> bool:
    """Of a locked row, so that of many tries at the same moment each counts. While the account rests, nothing is right."""
    now = clock.now()
    if account.password_hash is None or not account.is_active or is_resting(account, now):
        return False
    if not proof.right or proof.weighed != account.password_hash:
        await _count_failure(session, runtime, account, now)
        return False
    wake(account)
    account.password_hash = proof.rehashed or account.password_hash
    return True


def is_resting(account: UserAccount, now: datetime) -> bool:
    return account.locked_until is not None and account.locked_until > now


def wake(account: UserAccount) -> None:
    account.failed_sign_ins, account.locked_until = 0, None


async def _count_failure(session: WriteSession, runtime: Runtime, account: UserAccount, now: datetime) -> None:
    account.failed_sign_ins += 1
    if rest := rest_after(account.failed_sign_ins):
        account.locked_until = now + rest
    first_rest = account.failed_sign_ins == FREE_FAILURES + 1  # one mail for a row of failures, however long
    if first_rest and account.email_verified_at and runtime.settings.smtp_url:
        await links.send(session, runtime, account.id, EmailPurpose.UNLOCK_ACCOUNT, account.email)
