"""Leaving: asked for with a fresh password, undone by a word within the grace period, final and proven after it.

request   sessions, tokens and coaching end at once; nobody else sees anything any longer
cancel    as long as the day has not come
erase     on the day, by a job: files, then rows, then the proof, each step good to be done again
"""

from uuid import UUID

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict
from coachwatts.identity import administration, audit, erasure_proof, mails
from coachwatts.identity.repository import access_tokens, people, relationships, sessions
from coachwatts.identity.repository import erasure as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.trust import ActingAs, Erasure
from coachwatts.models.user import GRACE, UserAccount
from coachwatts.security.cipher import KeyRing


async def request(session: WriteSession, settings: Settings, viewer: Viewer, client: Client) -> UserAccount:
    """This session stays, to change one's mind."""
    viewer.require_fresh()
    account = await people.require(session, viewer.user_id)
    if account.deleted_at is None:
        await _leave(session, settings, account, keep=viewer.session_id)
        audit.record(session, viewer, client, "account.deletion_requested")
    return account


async def request_by_operator(session: WriteSession, settings: Settings, account: UserAccount, *, at_once: bool) -> None:
    """Where to be on the machine is the permission. `at_once`: without the grace period."""
    if account.deleted_at is None:
        await _leave(session, settings, account, keep=None)
    if at_once:
        account.deleted_at = clock.now() - GRACE
    audit.record(
        session, None, Client(), "account.deletion_requested", athlete_id=account.id, acting_as=ActingAs.ADMIN, after={"at_once": at_once}
    )


async def cancel(session: WriteSession, viewer: Viewer, client: Client) -> UserAccount:
    viewer.require_session()
    account = await people.require(session, viewer.user_id)
    if account.deletion_due_at is None:
        raise Conflict("This account is not about to be deleted.")
    if account.deletion_due_at <= clock.now():
        raise Conflict("It is too late: this account is being erased.")  # its files may be gone already
    account.deleted_at = None
    audit.record(session, viewer, client, "account.deletion_cancelled")
    return account


async def _leave(session: WriteSession, settings: Settings, account: UserAccount, *, keep: UUID | None) -> None:
    await administration.keep_an_admin(session, account)
    now = clock.now()
    account.deleted_at = now
    await sessions.end_all(session, account.id, "account deleted", now, besides=keep)
    await access_tokens.revoke_all(session, account.id, now)
    await relationships.end_all_of(session, account.id, now)
    await mails.send(session, settings, Order(Letter.DELETION_REQUESTED, account.id))


def folder_of(user_id: UUID) -> str:
    """In the storage: everything of a person lies below it."""
    return f"athletes/{user_id}"


async def is_due(session: WriteSession, user_id: UUID) -> bool:
    """Asked under a lock. Once it is so it stays so: nobody comes back after the day."""
    await session.see(Scope.own(user_id))
    account = await people.by_id(session, user_id, lock=True)
    return account is not None and account.deletion_due_at is not None and account.deletion_due_at <= clock.now()


async def erase(session: WriteSession, keys: KeyRing, user_id: UUID) -> Erasure | None:
    """Final. What remains is a signed count, and lines of the trail under a hash. None when there was nothing left to do."""
    if not await is_due(session, user_id):
        return None
    counts = await repository.count_rows(session, user_id)
    proof = erasure_proof.of(keys, user_id, counts)
    await repository.erase(session, user_id, proof.person_key)
    session.add(proof)
    await session.flush()
    return proof
