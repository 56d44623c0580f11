from uuid import UUID

from sqlalchemy import update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.sign_in import EmailToken, Session
from coachwatts.models.user import UserAccount


async def account(session: ReadSession, user_id: UUID) -> UserAccount | None:
    return await session.get(UserAccount, user_id)


async def link(session: ReadSession, link_id: UUID) -> EmailToken | None:
    return await session.get(EmailToken, link_id)


async def sign_in(session: ReadSession, session_id: UUID) -> Session | None:
    return await session.get(Session, session_id)


async def forget_token(session: WriteSession, link_id: UUID) -> None:
    await session.execute(update(EmailToken).where(EmailToken.id == link_id).values(token=None))
