"""Proposals come from workers, which see one athlete's rows and nobody's account."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from coachwatts.athletes import proposals
from coachwatts.athletes.proposals import Proposal
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.ids import new_id
from coachwatts.models.athlete import AthleteProfile, Discipline, Threshold, ThresholdKind, ThresholdSource, ThresholdStatus
from coachwatts.models.user import UserAccount

FTP = Proposal(Discipline.RIDE, date(2026, 2, 1), {ThresholdKind.FTP_WATTS: 250}, ThresholdSource.ESTIMATED, "Best twenty minutes")


def worker(athlete_id: UUID) -> Scope:
    return Scope.nobody().with_athletes({athlete_id})


@pytest.fixture
async def athlete_id(db: Database) -> UUID:
    found = new_id()
    async with db.write(Scope.own(found)) as session:
        session.add(UserAccount(id=found, email=f"{uuid4().hex}@example.org", name=""))
    return found


async def stored(db: Database, athlete_id: UUID) -> list[Threshold]:
    async with db.read(worker(athlete_id)) as session:
        return list(await session.scalars(select(Threshold).order_by(Threshold.effective_from)))


async def test_a_worker_proposes_with_the_scope_of_its_athlete(db: Database, athlete_id: UUID) -> None:
    async with db.write(worker(athlete_id)) as session:
        assert await proposals.propose(session, athlete_id, FTP)
    (row,) = await stored(db, athlete_id)
    assert (row.status, row.source, row.ftp_watts) == (ThresholdStatus.PROPOSED, ThresholdSource.ESTIMATED, 250)


async def test_the_database_stops_a_proposal_for_somebody_else(db: Database, athlete_id: UUID) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with db.write(worker(uuid4())) as session:
            await proposals.propose(session, athlete_id, FTP)
    assert await stored(db, athlete_id) == []


async def test_the_same_estimate_every_night_is_one_proposal(db: Database, athlete_id: UUID) -> None:
    for _ in range(3):
        async with db.write(worker(athlete_id)) as session:
            await proposals.propose(session, athlete_id, FTP)
    assert len(await stored(db, athlete_id)) == 1


async def test_a_crash_leaves_neither_threshold_nor_trail(db: Database, athlete_id: UUID) -> None:
    async with db.write(worker(athlete_id)) as session:
        session.add(AthleteProfile(athlete_id=athlete_id, auto_accept_thresholds=True))
    with pytest.raises(ConnectionResetError):
        async with db.write(worker(athlete_id)) as session:
            await proposals.propose(session, athlete_id, FTP)
            raise ConnectionResetError
    assert await stored(db, athlete_id) == []
    async with db.read(Scope.own(athlete_id)) as session:
        assert await session.scalar(text("SELECT count(*) FROM audit_event")) == 0
