"""Accounts by what is known of them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import NotFound
from coachwatts.models.user import UserAccount

LONGEST_EMAIL = 254


async def id_by_email(session: ReadSession, email: str) -> UUID | None:
    """Sees past row-level security, and gives back an id only. Junk of any kind is nobody's address."""
    email = email.strip()
    if len(email) > LONGEST_EMAIL or not email.isprintable():
        return None
    found: UUID | None = await session.scalar(select(func.find_user_by_email(email)))
    return found


async def insert(session: WriteSession, account: UserAccount) -> bool:
    """False when the address was taken a moment ago."""
    session.add(account)
    return await save_email(session)


async def save_email(session: WriteSession) -> bool:
    """False when somebody else has the address."""
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


async def require(session: WriteSession, user_id: UUID) -> UserAccount:
    """Locked. For an id that was just looked up: its account cannot be gone, unless it was erased at this very moment."""
    account = await by_id(session, user_id, lock=True)
    if account is None:
        raise NotFound
    return account


async def lock_by_email(session: WriteSession, email: str) -> UserAccount | None:
    """From here on the transaction sees what this person sees."""
    user_id = await id_by_email(session, email)
    if user_id is None:
        return None
    await session.see(Scope.own(user_id))
    return await by_id(session, user_id, lock=True)


async def by_ids(session: ReadSession, ids: list[UUID]) -> dict[UUID, UserAccount]:
    found = await session.scalars(select(UserAccount).where(UserAccount.id.in_(ids)))
    return {account.id: account for account in found}


async def ids_after(session: ReadSession, after: UUID | None, most: int) -> list[UUID]:
    """Sees past row-level security, and gives back ids only."""
    return list(await session.scalars(select(func.account_ids(after, None, False, None, most))))
