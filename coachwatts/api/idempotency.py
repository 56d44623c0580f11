"""Idempotency keys for creating mutations. They travel in the input, so they work over sockets and for each field of a document.

@strawberry.input(description="…")
class CreateThingInput(Repeatable):
    name: str = …

async with context.write() as session:
    claimed = await claim(session, viewer, input)
    thing = await service.get(session, claimed.id) if claimed.repeated else await service.create(session, claimed.id, …)
"""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

import orjson
import strawberry

from coachwatts.db.session import WriteSession
from coachwatts.identity import idempotency
from coachwatts.identity.idempotency import Claim
from coachwatts.identity.viewer import Viewer


@strawberry.input
class Repeatable:
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Any text of yours, such as a UUID: the same key with the same input within 24 hours makes nothing new.",
    )


async def claim(session: WriteSession, viewer: Viewer, input: Repeatable) -> Claim:
    """The operation is known by the type of its input."""
    return await idempotency.claim(session, viewer.user_id, type(input).__name__, input.idempotency_key, _digest(input))


def _digest(input: Any) -> bytes:
    return sha256(orjson.dumps(asdict(input), default=repr, option=orjson.OPT_SORT_KEYS)).digest()
