from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true, update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.identity.repository.signed_in import look_up
from coachwatts.models.sign_in import AccessToken
from coachwatts.models.user import UserAccount


async def signed_in(session: ReadSession, token_hash: bytes) -> Mapping[str, Any] | None:
    return await look_up(session, func.find_by_access_token(token_hash))


def live(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (AccessToken.revoked_at.is_(None), or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > at))


async def is_live(session: ReadSession, token_id: UUID, at: datetime) -> bool:
    owner = UserAccount.id == AccessToken.user_id
    found = select(true()).join_from(AccessToken, UserAccount, owner).where(AccessToken.id == token_id, UserAccount.is_active)
    return bool(await session.scalar(found.where(*live(at))))


async def find(session: ReadSession, user_id: UUID, token_id: UUID, at: datetime) -> AccessToken | None:
    mine = (AccessToken.user_id == user_id, AccessToken.id == token_id)
    found: AccessToken | None = await session.scalar(select(AccessToken).where(*mine, *live(at)))
    return found


async def of_user(session: ReadSession, user_id: UUID, at: datetime) -> Sequence[AccessToken]:
    """Those that open something, newest first."""
    statement = select(AccessToken).where(AccessToken.user_id == user_id, *live(at)).order_by(AccessToken.id.desc())
    return (await session.scalars(statement)).all()


async def count(session: ReadSession, user_id: UUID, at: datetime) -> int:
    statement = select(func.count()).select_from(AccessToken).where(AccessToken.user_id == user_id, *live(at))
    return await session.scalar(statement) or 0


async def touch(session: WriteSession, token_id: UUID, at: datetime, used_before: datetime) -> None:
    due = or_(AccessToken.last_used_at.is_(None), AccessToken.last_used_at < used_before)
    await session.execute(update(AccessToken).where(AccessToken.id == token_id, due).values(last_used_at=at))


async def revoke(session: WriteSession, user_id: UUID, token_id: UUID, at: datetime) -> bool:
    """False when there is none that could be revoked."""
    mine = (AccessToken.user_id == user_id, AccessToken.id == token_id, *live(at))
    statement = update(AccessToken).where(*mine).values(revoked_at=at).returning(AccessToken.id)
    return await session.scalar(statement) is not None


async def revoke_all(session: WriteSession, user_id: UUID, at: datetime) -> None:
    await session.execute(update(AccessToken).where(AccessToken.user_id == user_id, *live(at)).values(revoked_at=at))
