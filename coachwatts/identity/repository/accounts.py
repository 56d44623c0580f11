"""All accounts, for administrators. The ids come from past row-level security, the rows do not."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession
from coachwatts.models.user import UserAccount

BY_ID = Keyset("accounts", (UserAccount.id,), descending=False)


async def ids(session: ReadSession, window: Window, wanted: str | None) -> Sequence[UUID]:
    after, before = (bound[0] if bound else None for bound in (window.after, window.before))
    return list(await session.scalars(select(func.account_ids(after, before, window.backward, wanted, window.limit + 1))))


async def page(session: ReadSession, found: Sequence[UUID], window: Window) -> Page[UserAccount]:
    rows = await session.scalars(BY_ID.limit(select(UserAccount).where(UserAccount.id.in_(found)), window))
    return cut(list(rows), window)


async def count(session: ReadSession, wanted: str | None) -> int:
    return int(await session.scalar(select(func.account_count(wanted))) or 0)


async def other_admins(session: ReadSession, besides: UUID) -> bool:
    return bool(await session.scalar(select(func.other_admins(besides))))
