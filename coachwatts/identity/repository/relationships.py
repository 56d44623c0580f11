from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.trust import CoachingRelationship, RelationshipStatus

NEWEST = Keyset("relationships", (CoachingRelationship.created_at, CoachingRelationship.id))
LIVE = (RelationshipStatus.ACTIVE, RelationshipStatus.PAUSED)


async def page(session: ReadSession, window: Window, status: Sequence[str] | None) -> Page[CoachingRelationship]:
    """Of the people in scope."""
    statement = select(CoachingRelationship)
    if status:
        statement = statement.where(CoachingRelationship.status.in_(status))
    return cut(list(await session.scalars(NEWEST.limit(statement, window))), window)


async def count(session: ReadSession, status: Sequence[str] | None) -> int:
    statement = select(func.count()).select_from(CoachingRelationship)
    if status:
        statement = statement.where(CoachingRelationship.status.in_(status))
    return int(await session.scalar(statement) or 0)


async def by_id(session: ReadSession, relationship_id: UUID, *, lock: bool = False) -> CoachingRelationship | None:
    return await session.get(CoachingRelationship, relationship_id, with_for_update=lock, populate_existing=lock)


async def inviter_of(session: ReadSession, token_hash: bytes) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_inviter(token_hash)))
    return found


async def invitation(session: WriteSession, token_hash: bytes) -> CoachingRelationship | None:
    statement = select(CoachingRelationship).where(CoachingRelationship.invite_token_hash == token_hash)
    found: CoachingRelationship | None = await session.scalar(statement.with_for_update())
    return found


async def active(session: ReadSession, coach_id: UUID, athlete_id: UUID) -> CoachingRelationship | None:
    statement = select(CoachingRelationship).where(
        CoachingRelationship.coach_id == coach_id,
        CoachingRelationship.athlete_id == athlete_id,
        CoachingRelationship.status == RelationshipStatus.ACTIVE,
    )
    found: CoachingRelationship | None = await session.scalar(statement)
    return found


async def end_all_of_athlete(session: WriteSession, athlete_id: UUID, at: datetime) -> None:
    """Sessions and notes stay with the athlete; the coach's sight ends."""
    theirs = (CoachingRelationship.athlete_id == athlete_id, CoachingRelationship.status != RelationshipStatus.ENDED)
    await session.execute(
        update(CoachingRelationship).where(*theirs).values(status=RelationshipStatus.ENDED, ended_at=at, invite_token_hash=None)
    )


async def flush_unless_doubled(session: WriteSession) -> bool:
    """False when the two already have a live relationship."""
    try:
        await session.flush()
    except IntegrityError as doubled:
        if "uq_coaching_relationship__live" in str(doubled.orig):
            return False
        raise
    return True
