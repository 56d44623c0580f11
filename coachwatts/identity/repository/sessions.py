from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text, column, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import AccessToken, Session
from coachwatts.models.user import UserAccount

_SIGNED_IN = (
    *(
        column(name)
        for name in (
            "session_id",
            "access_token_id",
            "user_id",
            "email",
            "name",
            "timezone",
            "locale",
            "units",
            "week_starts_on",
            "is_active",
            "remember_me",
            "second_factor_due",
        )
    ),
    *(
        column(name, DateTime(timezone=True))
        for name in ("email_verified_at", "deleted_at", "expires_at", "last_seen_at", "confirmed_at", "revoked_at")
    ),
    *(column(name, ARRAY(Text)) for name in ("capabilities", "scopes")),
)


async def signed_in_by_session(session: ReadSession, token_hash: bytes) -> Mapping[str, Any] | None:
    return await _look_up(session, func.find_by_session_token(token_hash))


async def signed_in_by_access_token(session: ReadSession, token_hash: bytes) -> Mapping[str, Any] | None:
    return await _look_up(session, func.find_by_access_token(token_hash))


async def _look_up(session: ReadSession, function: Any) -> Mapping[str, Any] | None:
    found = function.table_valued(*_SIGNED_IN)
    return (await session.execute(select(found))).mappings().first()


async def touch(session: WriteSession, session_id: UUID | None, access_token_id: UUID | None, at: datetime) -> None:
    if session_id:
        await session.execute(update(Session).where(Session.id == session_id).values(last_seen_at=at))
    else:
        await session.execute(update(AccessToken).where(AccessToken.id == access_token_id).values(last_used_at=at))


async def end_all(session: WriteSession, user_id: UUID, reason: str, at: datetime, *, besides: UUID | None = None) -> int:
    statement = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None)).values(revoked_at=at, revoke_reason=reason)
    if besides:
        statement = statement.where(Session.id != besides)
    result = await session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]  # an update gives a CursorResult


async def by_id(session: ReadSession, session_id: UUID) -> Session | None:
    return await session.get(Session, session_id)


async def is_live(session: ReadSession, user_id: UUID, session_id: UUID | None, access_token_id: UUID | None, at: datetime) -> bool:
    table = Session if session_id else AccessToken
    not_over = or_(table.expires_at.is_(None), table.expires_at > at)
    statement = (
        select(true())
        .select_from(table)
        .join(UserAccount, UserAccount.id == table.user_id)
        .where(table.id == (session_id or access_token_id), table.user_id == user_id)
        .where(table.revoked_at.is_(None), not_over, UserAccount.is_active)
    )
    return bool(await session.scalar(statement))
