"""Leaving: asked for with a fresh password, undone by a word within the grace period, final and proven after it."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, NotFound
from coachwatts.identity import audit
from coachwatts.identity.repository import access_tokens, people, relationships, sessions
from coachwatts.identity.repository import erasure as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Erasure
from coachwatts.models.user import UserAccount
from coachwatts.security.cipher import KeyRing

GRACE = timedelta(days=14)


def due_at(deleted_at: datetime) -> datetime:
    return deleted_at + GRACE


async def request(session: WriteSession, viewer: Viewer, client: Client) -> UserAccount:
    """From now on nobody else sees anything, and no script gets in; this session stays, to change one's mind."""
    viewer.require_fresh()
    account = await _own(session, viewer)
    if account.deleted_at is None:
        now = clock.now()
        account.deleted_at = now
        await sessions.end_all(session, viewer.user_id, "account deleted", now, besides=viewer.session_id)
        await access_tokens.revoke_all(session, viewer.user_id, now)
        await relationships.end_all_of_athlete(session, viewer.user_id, now)
        audit.record(session, viewer, client, "account.deletion_requested")
    return account


async def cancel(session: WriteSession, viewer: Viewer, client: Client) -> UserAccount:
    viewer.require_session()
    account = await _own(session, viewer)
    if account.deleted_at is None:
        raise Conflict("This account is not about to be deleted.")
    account.deleted_at = None
    audit.record(session, viewer, client, "account.deletion_cancelled")
    return account


async def _own(session: WriteSession, viewer: Viewer) -> UserAccount:
    account = await people.by_id(session, viewer.user_id, lock=True)
    if account is None:
        raise NotFound
    return account


async def is_due(session: WriteSession, user_id: UUID) -> bool:
    """Asked again under a lock right before: the person may have come back."""
    await session.see(Scope.own(user_id))
    account = await people.by_id(session, user_id, lock=True)
    return account is not None and account.deleted_at is not None and due_at(account.deleted_at) <= clock.now()


async def erase(session: WriteSession, keys: KeyRing, user_id: UUID) -> Erasure:
    """Final. What remains is a signed count, and lines of the trail under a hash."""
    await session.see(Scope.own(user_id))
    key = person_key(keys, user_id)
    counts = await repository.count_rows(session, user_id)
    await repository.erase(session, user_id, key)
    proof = Erasure(person_key=key, counts=counts, signature=sign(keys, key, counts))
    session.add(proof)
    await session.flush()
    return proof


def person_key(keys: KeyRing, user_id: UUID) -> str:
    """A restored backup finds by it whom to erase again; without the key ring it says nothing."""
    return hmac.new(keys.subkeys("erased person")[0], user_id.bytes, sha256).hexdigest()


def sign(keys: KeyRing, key: str, counts: dict[str, int]) -> str:
    content = orjson.dumps([key, counts], option=orjson.OPT_SORT_KEYS)
    return hmac.new(keys.subkeys("erasure proof")[0], content, sha256).hexdigest()


def is_genuine(keys: KeyRing, proof: Erasure) -> bool:
    content = orjson.dumps([proof.person_key, proof.counts], option=orjson.OPT_SORT_KEYS)
    signatures = (hmac.new(subkey, content, sha256).hexdigest() for subkey in keys.subkeys("erasure proof"))
    return any(hmac.compare_digest(signature, proof.signature) for signature in signatures)
