"""The database refuses by itself what the services refuse with words: for whoever writes past them."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from coachwatts.config import Settings
from coachwatts.models.athlete import THRESHOLD_RANGES, ThresholdKind
from tests.kit.rows import person


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
async def athlete_id(owner: asyncpg.Connection) -> UUID:
    return await person(owner)


def beyond(kind: ThresholdKind) -> list[float]:
    low, high = THRESHOLD_RANGES[kind]
    step = 1 if isinstance(low, int) else 0.01
    return [low - step, high + step]


Row = dict[str, object]

THRESHOLD: Row = {"discipline": "RUN", "effective_from": "2026-01-01", "source": "MANUAL", "status": "ACTIVE"}
ZONE: Row = {"discipline": "RUN", "metric": "HR", "number": 1, "name": "Easy", "lower": 0}
DAY: Row = {"weekday": 1, "minutes": 60, "disciplines": "{}"}
WRONG: list[tuple[str, Row]] = [
    *(("threshold", THRESHOLD | {kind.value: value}) for kind in ThresholdKind for value in beyond(kind)),
    ("threshold", THRESHOLD | {"lthr": 190, "max_hr": 190}),
    ("threshold", THRESHOLD | {"lthr": 150, "resting_hr": 150}),
    ("threshold", THRESHOLD | {"max_hr": 150, "resting_hr": 150}),
    ("threshold", THRESHOLD | {"effective_from": "1899-12-31"}),
    ("threshold", THRESHOLD | {"discipline": "CHESS"}),
    ("threshold", THRESHOLD | {"source": "RUMOUR"}),
    ("threshold", THRESHOLD | {"status": "PERHAPS"}),
    ("athlete_profile", {"height_cm": 49.9}),
    ("athlete_profile", {"height_cm": 260.1}),
    ("athlete_profile", {"date_of_birth": "1899-12-31"}),
    ("athlete_profile", {"sex": "?"}),
    ("athlete_profile", {"primary_sport": "CHESS"}),
    ("training_zone", ZONE | {"lower": -1}),
    ("training_zone", ZONE | {"upper": 0}),
    ("training_zone", ZONE | {"number": 13}),
    ("training_zone", ZONE | {"metric": "LUCK"}),
    ("availability", DAY | {"weekday": 8}),
    ("availability", DAY | {"minutes": 1441}),
    ("availability", DAY | {"minutes": -1}),
    ("availability", DAY | {"disciplines": "{CHESS}"}),
]


async def insert(owner: asyncpg.Connection, table: str, athlete_id: UUID, values: Row) -> None:
    row = {"athlete_id": athlete_id, "id": uuid4()} | values
    literals = ", ".join("'" + str(value) + "'" for value in row.values())
    await owner.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({literals})")  # noqa: S608 - values of this file


@pytest.mark.parametrize(("table", "values"), WRONG, ids=str)
async def test_the_database_refuses(owner: asyncpg.Connection, athlete_id: UUID, table: str, values: Row) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await insert(owner, table, athlete_id, values)


@pytest.mark.parametrize(
    ("table", "values"), [("threshold", THRESHOLD), ("training_zone", ZONE), ("availability", DAY), ("athlete_profile", {"height_cm": 170})]
)
async def test_one_row_has_its_place_once(owner: asyncpg.Connection, athlete_id: UUID, table: str, values: Row) -> None:
    await insert(owner, table, athlete_id, values)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(owner, table, athlete_id, values)


async def test_a_day_may_have_many_proposals_beside_its_threshold(owner: asyncpg.Connection, athlete_id: UUID) -> None:
    for status in ("ACTIVE", "PROPOSED", "PROPOSED", "REJECTED"):
        await insert(owner, "threshold", athlete_id, THRESHOLD | {"status": status})
