from sqlalchemy import delete, select

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import AdminLink


async def by_hash(session: ReadSession, token_hash: bytes, *, lock: bool = False) -> AdminLink | None:
    """Locked: of two claims at the same moment the second finds it used."""
    statement = select(AdminLink).where(AdminLink.token_hash == token_hash)
    found: AdminLink | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def delete_unused(session: WriteSession) -> None:
    await session.execute(delete(AdminLink).where(AdminLink.used_at.is_(None)))
