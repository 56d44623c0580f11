"""Regular jobs: when each was last due."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from coachwatts.db.session import WriteSession
from coachwatts.models.job import JobTick


async def take(session: WriteSession, kind: str, due_at: datetime) -> bool:
    """True for the one worker that is first to see this due time; the others wait for its transaction and then get False."""
    statement = insert(JobTick).values(kind=kind, due_at=due_at)
    taken = statement.on_conflict_do_update(
        index_elements=[JobTick.kind], set_={"due_at": statement.excluded.due_at}, where=JobTick.due_at < statement.excluded.due_at
    )
    return await session.scalar(taken.returning(JobTick.id)) is not None
