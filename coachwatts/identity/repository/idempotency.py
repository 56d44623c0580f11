from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coachwatts.db.session import WriteSession
from coachwatts.ids import new_id
from coachwatts.models.sign_in import IdempotencyKey


async def put(
    session: WriteSession, user_id: UUID, operation: str, key: str, *, request_hash: bytes, result_id: UUID, now: datetime, until: datetime
) -> bool:
    """False when the key is in use. Waits for another transaction that has just put it, to see whether that one commits."""
    statement = insert(IdempotencyKey).values(
        id=new_id(), user_id=user_id, operation=operation, key=key, request_hash=request_hash, result_id=result_id, expires_at=until
    )
    new = statement.excluded
    taken_over = statement.on_conflict_do_update(
        index_elements=[IdempotencyKey.user_id, IdempotencyKey.operation, IdempotencyKey.key],
        set_={"request_hash": new.request_hash, "result_id": new.result_id, "expires_at": new.expires_at},
        where=IdempotencyKey.expires_at <= now,
    )
    return await session.scalar(taken_over.returning(IdempotencyKey.id)) is not None


async def get(session: WriteSession, user_id: UUID, operation: str, key: str) -> IdempotencyKey:
    wanted = (IdempotencyKey.user_id == user_id, IdempotencyKey.operation == operation, IdempotencyKey.key == key)
    found: IdempotencyKey = (await session.scalars(select(IdempotencyKey).where(*wanted))).one()
    return found
