from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.upsert import MAX_PARAMETERS, upsert
from coachwatts.ids import new_id
from coachwatts.models.athlete import Threshold
from coachwatts.models.base import Base
from coachwatts.models.user import UserAccount
from tests.kit.statements import counted

AVAILABILITY = Base.metadata.tables["availability"]
KEY = ("athlete_id", "weekday")


@pytest.fixture
async def athlete(db: Database) -> UUID:
    user_id = new_id()
    async with db.write(Scope.own(user_id)) as session:
        session.add(UserAccount(id=user_id, email=f"{user_id.hex}@example.org", name=""))
    return user_id


def week(athlete: UUID, minutes: int) -> list[dict[str, Any]]:
    return [{"athlete_id": athlete, "id": new_id(), "weekday": day, "minutes": minutes, "disciplines": ["RIDE"]} for day in range(1, 8)]


async def put(db: Database, athlete: UUID, rows: list[dict[str, Any]]) -> list[UUID]:
    async with db.write(Scope.own(athlete)) as session:
        return await upsert(session, AVAILABILITY, rows, key=KEY)


async def stored(db: Database, athlete: UUID) -> list[Any]:
    async with db.read(Scope.own(athlete)) as session:
        return list(await session.execute(select(AVAILABILITY).order_by(AVAILABILITY.c.weekday)))


async def test_many_rows_are_one_statement(db: Database, athlete: UUID) -> None:
    with counted() as statements:
        changed = await put(db, athlete, week(athlete, 60))
    assert len(changed) == 7
    assert len(statements) == 1


async def test_the_same_rows_again_change_nothing(db: Database, athlete: UUID) -> None:
    await put(db, athlete, week(athlete, 60))
    before = await stored(db, athlete)
    assert await put(db, athlete, week(athlete, 60)) == []
    assert await stored(db, athlete) == before


async def test_changed_rows_keep_their_ids_and_get_a_new_time(db: Database, athlete: UUID) -> None:
    await put(db, athlete, week(athlete, 60))
    before = await stored(db, athlete)
    rows = week(athlete, 60)
    rows[2]["minutes"] = 90
    changed = await put(db, athlete, rows)
    after = await stored(db, athlete)
    assert changed == [before[2].id]
    assert [row.id for row in after] == [row.id for row in before]
    assert after[2].minutes == 90
    assert after[2].updated_at > before[2].updated_at
    assert after[0] == before[0]


async def test_rows_of_somebody_else_are_refused_whole(db: Database, athlete: UUID) -> None:
    rows = week(athlete, 60)
    rows[6]["athlete_id"] = new_id()
    with pytest.raises(Exception, match="row-level security"):
        await put(db, athlete, rows)
    assert await stored(db, athlete) == []


async def test_more_rows_than_a_statement_carries_are_split(db: Database, athlete: UUID) -> None:
    table = Base.metadata.tables["threshold"]
    rows = [
        {
            "athlete_id": athlete,
            "id": new_id(),
            "discipline": "RIDE",
            "effective_from": date.fromordinal(700_000 + number),
            "ftp_watts": 250,
            "source": "MANUAL",
            "status": "PROPOSED",
        }
        for number in range(MAX_PARAMETERS // 7 + 10)
    ]
    with counted() as statements:
        async with db.write(Scope.own(athlete)) as session:
            assert len(await upsert(session, table, rows, key=("athlete_id", "id"))) == len(rows)
    assert len(statements) == 2
    async with db.read(Scope.own(athlete)) as session:
        assert await session.scalar(text("SELECT count(*) FROM threshold")) == len(rows)
        assert await session.scalar(select(Threshold.ftp_watts).limit(1)) == 250
