from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from coachwatts.db.session import ReadSession
from coachwatts.models.athlete import AthleteProfile


async def by_athletes(session: ReadSession, athlete_ids: Sequence[UUID]) -> dict[UUID, AthleteProfile]:
    found = await session.scalars(select(AthleteProfile).where(AthleteProfile.athlete_id.in_(athlete_ids)))
    return {profile.athlete_id: profile for profile in found}


async def of(session: ReadSession, athlete_id: UUID) -> AthleteProfile | None:
    return (await by_athletes(session, [athlete_id])).get(athlete_id)
