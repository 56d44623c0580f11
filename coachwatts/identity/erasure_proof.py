"""What is left of somebody who was erased: when, and how many rows of what, signed. Nothing in it leads back to them without the
key ring, and with it only from their id: whoever restores a backup finds whom to erase again."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import orjson

from coachwatts import clock
from coachwatts.models.trust import Erasure
from coachwatts.security.cipher import KeyRing


def of(keys: KeyRing, user_id: UUID, counts: Mapping[str, int]) -> Erasure:
    proof = Erasure(person_key=person_keys(keys, user_id)[0], counts=dict(counts), created_at=clock.now())
    proof.signature = _signatures(keys, proof)[0]
    return proof


def person_keys(keys: KeyRing, user_id: UUID) -> list[str]:
    """Under each key of the ring, the newest first: an older proof was made with an older one."""
    return [hmac.new(key, user_id.bytes, sha256).hexdigest() for key in keys.subkeys("erased person")]


def is_genuine(keys: KeyRing, proof: Erasure) -> bool:
    return any(hmac.compare_digest(signature, proof.signature) for signature in _signatures(keys, proof))


def _signatures(keys: KeyRing, proof: Erasure) -> list[str]:
    content = orjson.dumps([proof.person_key, proof.counts, proof.created_at.timestamp()], option=orjson.OPT_SORT_KEYS)
    return [hmac.new(key, content, sha256).hexdigest() for key in keys.subkeys("erasure proof")]
