from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.identity.repository.signed_in import look_up
from coachwatts.models.sign_in import Session
from coachwatts.models.user import UserAccount

NEWEST_FIRST = Keyset("sessions", (Session.id,))  # ids grow with time


async def signed_in(session: ReadSession, token_hash: bytes) -> Mapping[str, Any] | None:
    return await look_up(session, func.find_by_session_token(token_hash))


def live(at: datetime, idle_since: datetime) -> tuple[ColumnElement[bool], ...]:
    in_use = or_(~Session.remember_me, Session.last_seen_at >= idle_since)
    return (Session.revoked_at.is_(None), Session.expires_at > at, in_use, ~Session.second_factor_due)


async def is_live(session: ReadSession, session_id: UUID, at: datetime, idle_since: datetime) -> bool:
    owner = UserAccount.id == Session.user_id
    found = select(true()).join_from(Session, UserAccount, owner).where(Session.id == session_id, UserAccount.is_active)
    return bool(await session.scalar(found.where(*live(at, idle_since))))


async def by_id(session: ReadSession, session_id: UUID, *, lock: bool = False) -> Session | None:
    return await session.get(Session, session_id, with_for_update=lock, populate_existing=lock)


async def find_live(session: ReadSession, user_id: UUID, session_id: UUID, at: datetime, idle_since: datetime) -> Session | None:
    mine = (Session.user_id == user_id, Session.id == session_id)
    found: Session | None = await session.scalar(select(Session).where(*mine, *live(at, idle_since)))
    return found


async def page(session: ReadSession, user_id: UUID, at: datetime, idle_since: datetime, window: Window) -> Page[Session]:
    statement = select(Session).where(Session.user_id == user_id, *live(at, idle_since))
    return cut((await session.scalars(NEWEST_FIRST.limit(statement, window))).all(), window)


async def count(session: ReadSession, user_id: UUID, at: datetime, idle_since: datetime) -> int:
    statement = select(func.count()).select_from(Session).where(Session.user_id == user_id, *live(at, idle_since))
    return await session.scalar(statement) or 0


async def touch(session: WriteSession, session_id: UUID, at: datetime, seen_before: datetime) -> None:
    """Of requests at the same moment one writes; the others find it written."""
    due = (Session.id == session_id, Session.last_seen_at < seen_before)
    await session.execute(update(Session).where(*due).values(last_seen_at=at))


async def end(session: WriteSession, user_id: UUID, session_id: UUID, reason: str, at: datetime) -> bool:
    """False when there is none that could be ended."""
    mine = (Session.user_id == user_id, Session.id == session_id, Session.revoked_at.is_(None), Session.expires_at > at)
    statement = update(Session).where(*mine).values(revoked_at=at, revoke_reason=reason).returning(Session.id)
    return await session.scalar(statement) is not None


async def end_all(session: WriteSession, user_id: UUID, reason: str, at: datetime, *, besides: UUID | None = None) -> int:
    statement = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > at)
    if besides:
        statement = statement.where(Session.id != besides)
    ended = await session.scalars(statement.values(revoked_at=at, revoke_reason=reason).returning(Session.id))
    return len(ended.all())


async def delete_ended(session: WriteSession, user_id: UUID, before: datetime) -> None:
    ended = or_(Session.revoked_at < before, Session.expires_at < before)
    await session.execute(delete(Session).where(Session.user_id == user_id, ended))
