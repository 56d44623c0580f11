"""Sign-in identities elsewhere, and trips to their providers."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import LoginAccount, OAuthFlow


async def trip_by_state(session: WriteSession, state_hash: bytes) -> OAuthFlow | None:
    """Locked: of two returns at the same moment the second finds it used."""
    found: OAuthFlow | None = await session.scalar(select(OAuthFlow).where(OAuthFlow.state_hash == state_hash).with_for_update())
    return found


async def owner_of(session: ReadSession, provider: str, subject: str) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_user_by_login(provider, subject)))
    return found


async def by_subject(session: ReadSession, provider: str, subject: str) -> LoginAccount | None:
    statement = select(LoginAccount).where(LoginAccount.provider == provider, LoginAccount.provider_account_id == subject)
    found: LoginAccount | None = await session.scalar(statement)
    return found


async def of_user(session: ReadSession, user_id: UUID) -> list[LoginAccount]:
    statement = select(LoginAccount).where(LoginAccount.user_id == user_id).order_by(LoginAccount.created_at)
    return list(await session.scalars(statement))


async def of_users(session: ReadSession, user_ids: list[UUID]) -> dict[UUID, list[LoginAccount]]:
    statement = select(LoginAccount).where(LoginAccount.user_id.in_(user_ids)).order_by(LoginAccount.created_at)
    found: dict[UUID, list[Any]] = {user_id: [] for user_id in user_ids}
    for row in await session.scalars(statement):
        found[row.user_id].append(row)
    return found


async def insert(session: WriteSession, row: LoginAccount) -> bool:
    """False when the identity was added to an account a moment ago."""
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as taken:
        if "provider_account_id" in str(taken.orig):
            return False
        raise
    return True


async def delete(session: WriteSession, row: LoginAccount) -> None:
    await session.delete(row)
    await session.flush()
