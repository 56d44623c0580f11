"""Accounts by what is known of them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.user import UserAccount


async def id_by_email(session: ReadSession, email: str) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_user_by_email(email)))
    return found


async def insert(session: WriteSession, account: UserAccount) -> bool:
    """False when the address was taken a moment ago."""
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as taken:
        if "lower_email" in str(taken.orig):
            return False
        raise
    return True


async def has_admin(session: ReadSession) -> bool:
    return bool(await session.scalar(select(func.has_admin())))


async def by_id(session: ReadSession, user_id: UUID, *, lock: bool = False) -> UserAccount | None:
    return await session.get(UserAccount, user_id, with_for_update=lock, populate_existing=lock)


async def by_ids(session: ReadSession, ids: list[UUID]) -> dict[UUID, UserAccount]:
    found = await session.scalars(select(UserAccount).where(UserAccount.id.in_(ids)))
    return {account.id: account for account in found}
