from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import EmailPurpose, EmailToken


async def owner_of(session: ReadSession, token_hash: bytes) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_user_by_email_token(token_hash)))
    return found


async def by_hash(session: ReadSession, token_hash: bytes, *, lock: bool = False) -> EmailToken | None:
    """Locked: the second of two clicks at the same moment finds it used."""
    statement = select(EmailToken).where(EmailToken.token_hash == token_hash)
    found: EmailToken | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def close(
    session: WriteSession, user_id: UUID, purposes: Collection[EmailPurpose], at: datetime, *, only_to: str | None = None
) -> None:
    statement = update(EmailToken).where(
        EmailToken.user_id == user_id, EmailToken.purpose.in_(sorted(purposes)), EmailToken.used_at.is_(None)
    )
    if only_to is not None:
        statement = statement.where(EmailToken.identifier == only_to)
    await session.execute(statement.values(used_at=at, token=None))
