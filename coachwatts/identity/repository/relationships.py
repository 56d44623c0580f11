from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from coachwatts.db.keyset import Keyset, Page, Window, cut
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.models.trust import CoachingRelationship, RelationshipStatus

NEWEST = Keyset("relationships", (CoachingRelationship.id,))  # ids grow with time


def _of(person_id: UUID, status: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    theirs = or_(CoachingRelationship.coach_id == person_id, CoachingRelationship.athlete_id == person_id)
    return (theirs, CoachingRelationship.status.in_(status)) if status else (theirs,)


async def page(session: ReadSession, person_id: UUID, window: Window, status: Collection[str] | None) -> Page[CoachingRelationship]:
    statement = select(CoachingRelationship).where(*_of(person_id, status))
    return cut((await session.scalars(NEWEST.limit(statement, window))).all(), window)


async def count(session: ReadSession, person_id: UUID, status: Collection[str] | None) -> int:
    statement = select(func.count()).select_from(CoachingRelationship).where(*_of(person_id, status))
    return await session.scalar(statement) or 0


async def by_id(session: ReadSession, relationship_id: UUID, *, lock: bool = False) -> CoachingRelationship | None:
    return await session.get(CoachingRelationship, relationship_id, with_for_update=lock, populate_existing=lock)


async def inviter_of(session: ReadSession, token_hash: bytes) -> UUID | None:
    """Sees past row-level security, and gives back an id only."""
    found: UUID | None = await session.scalar(select(func.find_inviter(token_hash)))
    return found


async def invitation(session: ReadSession, token_hash: bytes, *, lock: bool) -> CoachingRelationship | None:
    """Locked: of two who accept at once, the second finds it used."""
    statement = select(CoachingRelationship).where(CoachingRelationship.invite_token_hash == token_hash)
    found: CoachingRelationship | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def count_open_invitations(session: ReadSession, person_id: UUID, at: datetime) -> int:
    open_ones = (*_of(person_id, [RelationshipStatus.INVITED]), CoachingRelationship.invite_expires_at > at)
    return await session.scalar(select(func.count()).select_from(CoachingRelationship).where(*open_ones)) or 0


async def granted(session: ReadSession, coach_id: UUID, athletes: Collection[UUID]) -> Mapping[UUID, Sequence[str]]:
    """The areas that each of these athletes opens to this coach now."""
    statement = select(CoachingRelationship.athlete_id, CoachingRelationship.areas).where(
        CoachingRelationship.coach_id == coach_id,
        CoachingRelationship.athlete_id.in_(athletes),
        CoachingRelationship.status == RelationshipStatus.ACTIVE,
    )
    return {athlete_id: areas for athlete_id, areas in await session.execute(statement) if athlete_id}


async def end_all_of_athlete(session: WriteSession, athlete_id: UUID, at: datetime) -> None:
    """Sessions and notes stay with the athlete; the coach's sight ends."""
    await _end(session, CoachingRelationship.athlete_id == athlete_id, at=at)


async def end_all_of(session: WriteSession, person_id: UUID, at: datetime) -> None:
    """On both sides."""
    await _end(session, *_of(person_id, None), at=at)


async def _end(session: WriteSession, *theirs: Any, at: datetime) -> None:
    values = {"status": RelationshipStatus.ENDED, "ended_at": at, "invite_token_hash": None, "invite_expires_at": None}
    await session.execute(
        update(CoachingRelationship).where(*theirs, CoachingRelationship.status != RelationshipStatus.ENDED).values(values)
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
