from sqlalchemy import and_, func, select

from coachwatts.db.session import ReadSession
from coachwatts.models.sign_in import Session


async def is_new(session: ReadSession, row: Session) -> bool:
    """Whether this person signed in before, and never with this kind of device and browser."""
    same = and_(*(getattr(Session, name).is_not_distinct_from(getattr(row, name)) for name in ("device_type", "browser", "os")))
    earlier = select(func.count(), func.count().filter(same)).where(Session.user_id == row.user_id, Session.id != row.id)
    known, alike = (await session.execute(earlier)).one()
    return bool(known) and not alike
