from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import RecoveryCode, Totp


async def is_on(session: ReadSession, user_id: UUID) -> bool:
    statement = select(Totp.id).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    return await session.scalar(statement) is not None


async def state(session: ReadSession, user_id: UUID) -> tuple[datetime, int] | None:
    """Since when it is on, and how many recovery codes are left."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)).scalar_subquery()
    statement = select(Totp.confirmed_at, unused).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    found = (await session.execute(statement)).first()
    return None if found is None or found[0] is None else (found[0], found[1] or 0)


async def lock(session: WriteSession, user_id: UUID) -> Totp | None:
    """Attempts of one account wait for each other: each sees what the one before has used or counted."""
    statement = select(Totp).where(Totp.user_id == user_id).with_for_update().execution_options(populate_existing=True)
    found: Totp | None = await session.scalar(statement)
    return found


async def switch_off(session: WriteSession, user_id: UUID) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await session.execute(delete(Totp).where(Totp.user_id == user_id))


async def replace_codes(session: WriteSession, user_id: UUID, hashes: Iterable[bytes]) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=code_hash) for code_hash in hashes)
    await session.flush()


async def spend_code(session: WriteSession, user_id: UUID, code_hash: bytes, at: datetime) -> bool:
    """False when it is none of theirs or was used."""
    mine = (RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None))
    return await session.scalar(update(RecoveryCode).where(*mine).values(used_at=at).returning(RecoveryCode.id)) is not None
