"""A creating request that is sent again, because its answer was lost, makes nothing new."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, InvalidInput
from coachwatts.identity.repository import idempotency as repository
from coachwatts.ids import new_id

LASTS = timedelta(hours=24)
FORM = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Claim:
    id: UUID
    """Of what the request makes, or made the first time."""
    repeated: bool = False


async def claim(session: WriteSession, user_id: UUID, operation: str, key: str | None, request_hash: bytes) -> Claim:
    """Call it first in the transaction that creates, and create under `Claim.id`; if `repeated`, answer with what has that id.

    Two at the same moment: the second waits for the first. Raises Conflict when the key came with another request before.
    """
    if key is None:
        return Claim(new_id())
    if not FORM.fullmatch(key):
        raise InvalidInput.of("idempotency_key", "Give 1 to 200 ASCII characters without spaces, such as a UUID.")
    now, result_id = clock.now(), new_id()
    if await repository.put(session, user_id, operation, key, request_hash=request_hash, result_id=result_id, now=now, until=now + LASTS):
        return Claim(result_id)
    earlier = await repository.get(session, user_id, operation, key)
    if earlier.request_hash != request_hash:
        raise Conflict("This key came with another request before. Use a new one.", field="idempotency_key")
    return Claim(earlier.result_id, repeated=True)
