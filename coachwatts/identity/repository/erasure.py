"""Taking every row of a person away, and counting them first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.base import TableClass, owners_of, tables_of
from coachwatts.models.job import Job, JobState
from coachwatts.models.trust import AuditEvent, Erasure
from coachwatts.models.user import UserAccount


async def due(session: ReadSession, deleted_before: datetime) -> Sequence[UUID]:
    """Sees past row-level security, and gives back ids only."""
    return (await session.scalars(select(func.account_ids_to_erase(deleted_before)))).all()


async def count_rows(session: ReadSession, user_id: UUID) -> dict[str, int]:
    """Per table that holds anything of this person. The trail is not among them: it stays, without the name."""
    counts: dict[str, int] = {}
    for table in [*tables_of(TableClass.ACCOUNT), *tables_of(TableClass.ATHLETE)]:
        if table is not AuditEvent.__table__:
            theirs = or_(*(table.c[owner] == user_id for owner in owners_of(table)))
            counts[str(table.name)] = await session.scalar(select(func.count()).select_from(table).where(theirs)) or 0
    return {name: count for name, count in counts.items() if count}


async def erase(session: WriteSession, user_id: UUID, person_key: str) -> None:
    """Everything hangs off the account and goes with it; what does not, forgets whom it was about."""
    await session.execute(select(func.forget_in_audit(user_id, person_key)))
    theirs = Job.payload["user_id"].astext == str(user_id)
    await session.execute(update(Job).where(theirs, Job.state == JobState.RUNNING).values(payload={}, dedupe_key=None))
    await session.execute(delete(Job).where(theirs, Job.state != JobState.RUNNING))
    await session.execute(delete(UserAccount).where(UserAccount.id == user_id))


async def proofs(session: ReadSession) -> Sequence[Erasure]:
    """Oldest first."""
    return (await session.scalars(select(Erasure).order_by(Erasure.id))).all()
