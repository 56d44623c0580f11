"""What hangs off athletes, read once per operation however many fields ask."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from coachwatts.api.loaders import Loader
from coachwatts.athletes.repository import availability, profiles, thresholds, zones
from coachwatts.db.session import ReadSession
from coachwatts.models.athlete import AthleteProfile, Availability, Threshold, TrainingZone


class ProfileByAthlete(Loader[UUID, AthleteProfile]):
    async def fetch(self, session: ReadSession, keys: Sequence[UUID]) -> Mapping[UUID, AthleteProfile]:
        return await profiles.by_athletes(session, keys)


class HistoryByAthlete(Loader[UUID, list[Threshold]]):
    """Every threshold that is or was valid: FTP, maximum HR, zones of any day come from it."""

    async def fetch(self, session: ReadSession, keys: Sequence[UUID]) -> Mapping[UUID, list[Threshold]]:
        return await thresholds.histories(session, keys)


class CustomZonesByAthlete(Loader[UUID, list[TrainingZone]]):
    async def fetch(self, session: ReadSession, keys: Sequence[UUID]) -> Mapping[UUID, list[TrainingZone]]:
        return await zones.by_athletes(session, keys)


class WeekByAthlete(Loader[UUID, list[Availability]]):
    async def fetch(self, session: ReadSession, keys: Sequence[UUID]) -> Mapping[UUID, list[Availability]]:
        return await availability.by_athletes(session, keys)
