from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import EmailPurpose, EmailToken


async def owner_of(session: ReadSession, token_hash: bytes) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_user_by_email_token(token_hash)))
    return found


async def by_hash(session: WriteSession, token_hash: bytes) -> EmailToken | None:
    """Locked: the second of two clicks at the same moment finds it used."""
    found: EmailToken | None = await session.scalar(select(EmailToken).where(EmailToken.token_hash == token_hash).with_for_update())
    return found


async def close_open(session: WriteSession, user_id: UUID, purpose: EmailPurpose, at: datetime) -> None:
    open_ones = (EmailToken.user_id == user_id, EmailToken.purpose == purpose, EmailToken.used_at.is_(None))
    await session.execute(update(EmailToken).where(*open_ones).values(used_at=at, token=None))
