"""All accounts, for administrators. The ids come from past row-level security, the rows do not."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.user import UserAccount

NEWEST = Keyset("accounts", (UserAccount.id,))  # ids grow with time


async def ids(session: ReadSession, window: Window, wanted: str | None) -> Sequence[UUID]:
    below, above = (bound[0] if bound else None for bound in (window.after, window.before))
    return (await session.scalars(select(func.account_ids(above, below, not window.backward, wanted, window.limit + 1)))).all()


async def page(session: ReadSession, found: Sequence[UUID], window: Window) -> Page[UserAccount]:
    rows = await session.scalars(NEWEST.limit(select(UserAccount).where(UserAccount.id.in_(found)), window))
    return cut(rows.all(), window)


async def count(session: ReadSession, wanted: str | None) -> int:
    return await session.scalar(select(func.account_count(wanted))) or 0


async def is_last_admin(session: WriteSession, account: UserAccount) -> bool:
    """Asked in turn: two administrators who remove each other at the same moment do not both succeed."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("coachwatts.administrators"))))
    return not await session.scalar(select(func.other_admins(account.id)))
