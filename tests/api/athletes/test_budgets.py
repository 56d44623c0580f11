"""What each document costs in statements. Reading begins with session and account, a change with session and the athlete's turn."""

from typing import Any

import pytest

from coachwatts.db.engine import Database
from tests.kit.api import Api, Person
from tests.kit.athletes import propose, threshold
from tests.kit.statements import counted

RUN_HR = {"discipline": "RUN", "metric": "HR"}
ZONES = [{"name": f"Zone {lower}", "lower": lower} for lower in (0, 120, 140, 160, 180)]
WEEK = [{"weekday": name, "minutes": 60} for name in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")]


async def spent(api: Api, operation: str, **variables: Any) -> int:
    with counted() as statements:
        data = await api.run(operation, **variables)
    assert all(not (answer or {}).get("errors") for answer in data.values()), data
    return len(statements)


async def change(api: Api, operation: str, **input: Any) -> int:
    return await spent(api, operation, input=input)


async def first_id(person: Person, **chosen: str) -> str:
    edges = (await person.run("Thresholds", first=1, filter=chosen))["viewer"]["thresholds"]["edges"]
    return str(edges[0]["node"]["id"])


@pytest.mark.parametrize(
    ("operation", "variables", "statements"),
    [
        ("AthleteProfile", {}, 4),  # profile, availability
        ("AthleteToday", {"discipline": "RIDE"}, 4),  # one history for all values and zones; custom zones
        ("ThresholdsOnDay", {"discipline": "RIDE"}, 3),
        ("TrainingZones", RUN_HR, 4),
        ("Thresholds", {"first": 2}, 4),  # the page, and the count that it asks for
    ],
)
async def test_reading(ada: Person, operation: str, variables: dict[str, Any], statements: int) -> None:
    for number in range(1, 6):
        await threshold(ada, "RIDE", f"2026-01-0{number}", ftpWatts=240 + number, maxHr=190)
    assert await spent(ada, operation, **variables) == statements


async def test_changing_profile_zones_and_week(ada: Person) -> None:
    assert await change(ada, "UpdateProfile", heightCm=170) == 5  # profile, insert, trail
    assert await change(ada, "UpdateProfile", heightCm=171) == 5
    assert await change(ada, "SetTrainingZones", **RUN_HR, zones=ZONES) == 5  # remove, insert, trail
    assert await change(ada, "ResetTrainingZones", **RUN_HR) == 4
    assert await change(ada, "SetAvailability", days=WEEK) == 5  # week, insert, trail
    assert await change(ada, "SetAvailabilityDay", weekday="MONDAY", minutes=0) == 5
    assert await change(ada, "ClearAvailabilityDay", weekday="MONDAY") == 5


async def test_changing_thresholds(ada: Person, db: Database) -> None:
    assert await change(ada, "SetThreshold", discipline="RUN", effectiveFrom="2026-01-01", lthr=170) == 5  # history, insert, trail
    assert await change(ada, "UpdateThreshold", id=await first_id(ada), lthr=171) == 5
    assert await change(ada, "DeleteThreshold", id=await first_id(ada)) == 5
    await propose(db, ada, ftp_watts=250)
    assert await change(ada, "RejectThreshold", id=await first_id(ada, status="PROPOSED")) == 5  # proposal, update, trail
    await propose(db, ada, ftp_watts=251)
    assert await change(ada, "AcceptThreshold", id=await first_id(ada, status="PROPOSED")) == 6
