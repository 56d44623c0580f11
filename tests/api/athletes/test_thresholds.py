from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from coachwatts import clock
from coachwatts.db.engine import Database
from tests.kit.api import Api, Failed, Person, join
from tests.kit.athletes import changes_of, threshold

TODAY = datetime.now(UTC).date()


async def on_day(person: Person, discipline: str, on: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (await person.run("ThresholdsOnDay", discipline=discipline, on=on))["viewer"]["thresholdsOnDay"]
    return found


async def test_a_value_is_valid_from_its_day_until_the_next_one(ada: Person) -> None:
    await threshold(ada, "RIDE", "2026-01-10", ftpWatts=240, lthr=165)
    await threshold(ada, "RIDE", "2026-03-10", ftpWatts=250)
    assert (await on_day(ada, "RIDE", "2026-01-09"))["ftpWatts"] is None
    assert (await on_day(ada, "RIDE", "2026-01-10"))["ftpWatts"] == 240
    assert (await on_day(ada, "RIDE", "2026-03-09"))["ftpWatts"] == 240
    march = await on_day(ada, "RIDE", "2026-03-10")
    assert (march["ftpWatts"], march["lthr"]) == (250, 165)
    assert [(value["kind"], value["effectiveFrom"]) for value in march["values"]] == [
        ("FTP_WATTS", "2026-03-10"),
        ("LTHR", "2026-01-10"),
    ]


async def test_unknown_stays_unknown(ada: Person) -> None:
    today = (await ada.run("AthleteToday", discipline="RIDE"))["viewer"]
    assert (today["ftp"], today["maxHr"], today["thresholdsOnDay"]["values"]) == (None, None, [])
    assert [today[name]["zones"] for name in ("heartRate", "power", "pace")] == [None, None, None]


async def test_another_sports_ftp_is_not_borrowed(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-10", ftpWatts=300, maxHr=191)
    today = (await ada.run("AthleteToday", discipline="RIDE"))["viewer"]
    assert (today["ftp"], today["maxHr"]) == (None, 191)


async def test_today_is_the_athletes_own_day(http: httpx.AsyncClient) -> None:
    """25 hours lie between the two: it is never the same day."""
    east, west = await join(http, timezone="Pacific/Kiritimati"), await join(http, timezone="Pacific/Pago_Pago")
    easts, wests = (await on_day(east, "RUN"))["on"], (await on_day(west, "RUN"))["on"]
    assert easts > wests


async def test_a_value_of_tomorrow_counts_tomorrow(ada: Person) -> None:
    await threshold(ada, "RIDE", str(TODAY + timedelta(days=1)), ftpWatts=250)
    assert (await ada.run("AthleteToday", discipline="RIDE"))["viewer"]["ftp"] is None
    midnight = datetime.combine(TODAY + timedelta(days=1), time(), UTC)
    with clock.turned_by(midnight - clock.now()):
        assert (await ada.run("AthleteToday", discipline="RIDE"))["viewer"]["ftp"] == 250


async def test_one_threshold_a_day_is_set_and_set_again(ada: Person) -> None:
    first = await threshold(ada, "RIDE", "2026-01-10", ftpWatts=240, lthr=165)
    again = await threshold(ada, "RIDE", "2026-01-10", ftpWatts=245, lthr=None, maxHr=190)
    assert again["id"] == first["id"]
    assert (again["ftpWatts"], again["lthr"], again["maxHr"]) == (245, None, 190)
    assert (await ada.run("Thresholds", first=10))["viewer"]["thresholds"]["totalCount"] == 1


async def test_a_threshold_is_changed_moved_and_removed(ada: Person) -> None:
    made = await threshold(ada, "RUN", "2026-01-10", thresholdSpeedMs=3.9, lthr=170)
    moved = await ada.mutate("UpdateThreshold", id=made["id"], effectiveFrom="2026-01-05", lthr=None)
    assert (moved["threshold"]["effectiveFrom"], moved["threshold"]["lthr"], moved["threshold"]["thresholdSpeedMs"]) == (
        "2026-01-05",
        None,
        3.9,
    )
    assert (await ada.mutate("DeleteThreshold", id=made["id"])) == {"deletedId": made["id"], "errors": []}
    assert await ada.codes("DeleteThreshold", id=made["id"]) == [("NOT_FOUND", "id")]
    assert (await on_day(ada, "RUN", "2026-02-01"))["thresholdSpeedMs"] is None


async def test_two_thresholds_do_not_share_a_day(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-10", lthr=170)
    later = await threshold(ada, "RUN", "2026-01-20", lthr=171)
    assert await ada.codes("UpdateThreshold", id=later["id"], effectiveFrom="2026-01-10") == [("CONFLICT", "effectiveFrom")]


RANGES = {
    "ftpWatts": (1, 699),
    "cpWatts": (1, 699),
    "wPrimeJ": (1, 100_000),
    "lthr": (20, 260),
    "maxHr": (20, 260),
    "restingHr": (20, 260),
    "thresholdSpeedMs": (0.1, 20),
    "cssMs": (0.1, 5),
}


@pytest.mark.parametrize(("field", "limits"), RANGES.items())
async def test_a_value_out_of_range_is_refused_at_its_field(ada: Person, field: str, limits: tuple[float, float]) -> None:
    low, high = limits
    step = 0.01 if field in {"thresholdSpeedMs", "cssMs"} else 1
    place = {"discipline": "OTHER", "effectiveFrom": "2026-01-10"}
    for wrong in (low - step, high + step, 0, -1):
        assert await ada.codes("SetThreshold", **place, **{field: wrong}) == [("OUT_OF_RANGE", field)], wrong
    for right in (low, high):
        assert await ada.codes("SetThreshold", **place, **{field: right}) == []


async def test_a_day_in_the_future_is_refused_with_a_day_of_grace(ada: Person) -> None:
    late, latest = TODAY + timedelta(days=2), TODAY + timedelta(days=1)
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom=str(late), lthr=170) == [("OUT_OF_RANGE", "effectiveFrom")]
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="1800-01-01", lthr=170) == [("OUT_OF_RANGE", "effectiveFrom")]
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom=str(latest), lthr=170) == []


async def test_a_threshold_holds_at_least_one_value(ada: Person) -> None:
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2026-01-10") == [("REQUIRED", "")]
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2026-01-10", lthr=None) == [("REQUIRED", "")]
    made = await threshold(ada, "RUN", "2026-01-10", lthr=170)
    assert await ada.codes("UpdateThreshold", id=made["id"], lthr=None) == [("REQUIRED", "")]
    assert (await on_day(ada, "RUN", "2026-01-10"))["lthr"] == 170


@pytest.mark.parametrize(
    ("values", "blamed"),
    [
        ({"lthr": 190, "maxHr": 190}, ["lthr"]),
        ({"restingHr": 170, "lthr": 165, "maxHr": 190}, ["restingHr"]),
        ({"restingHr": 195, "lthr": 192, "maxHr": 190}, ["restingHr", "restingHr", "lthr"]),
    ],
)
async def test_values_that_cannot_be_true_together_are_refused(ada: Person, values: dict[str, int], blamed: list[str]) -> None:
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2026-01-10", **values) == [
        ("INVALID", field) for field in blamed
    ]


async def test_values_are_checked_against_what_is_valid_on_the_day_and_later(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-10", maxHr=185)
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2026-02-10", lthr=186) == [("INVALID", "lthr")]
    await threshold(ada, "RUN", "2026-02-10", lthr=175)
    assert await ada.codes("SetThreshold", discipline="RUN", effectiveFrom="2026-01-20", maxHr=172) == [("INVALID", "maxHr")]


async def test_a_resting_hr_has_to_fit_every_discipline(ada: Person) -> None:
    await threshold(ada, "RUN", "2026-01-10", lthr=175)
    assert await ada.codes("SetThreshold", discipline="RIDE", effectiveFrom="2026-02-10", restingHr=175) == [("INVALID", "restingHr")]
    await threshold(ada, "RIDE", "2026-02-10", restingHr=60)
    assert await ada.codes("SetThreshold", discipline="SWIM", effectiveFrom="2026-02-20", lthr=60) == [("INVALID", "lthr")]


async def test_an_astonishing_ftp_is_kept_with_a_warning(ada: Person) -> None:
    usual = await ada.mutate("SetThreshold", discipline="RIDE", effectiveFrom="2026-01-10", ftpWatts=499)
    assert usual["warnings"] == []
    astonishing = await ada.mutate("SetThreshold", discipline="RIDE", effectiveFrom="2026-01-10", ftpWatts=500)
    assert astonishing["threshold"]["ftpWatts"] == 500
    assert [warning["field"] for warning in astonishing["warnings"]] == [["ftpWatts"]]


async def test_someone_elses_threshold_is_not_there(ada: Person, bob: Person) -> None:
    adas = await threshold(ada, "RUN", "2026-01-10", lthr=170)
    for name in ("UpdateThreshold", "DeleteThreshold", "AcceptThreshold", "RejectThreshold"):
        assert await bob.codes(name, id=adas["id"]) == [("NOT_FOUND", "id")]
        assert await bob.codes(name, id="nonsense") == [("NOT_FOUND", "id")]
        assert await bob.codes(name, id=bob.id) == [("NOT_FOUND", "id")]
    node = "query Node($id: ID!) { node(id: $id) { __typename id } }"
    assert (await bob.send(node, {"id": adas["id"]})).json()["data"]["node"] is None
    assert (await ada.send(node, {"id": adas["id"]})).json()["data"]["node"] == {"__typename": "Threshold", "id": adas["id"]}


@pytest.mark.parametrize("name", ["SetThreshold", "UpdateThreshold", "DeleteThreshold", "AcceptThreshold", "RejectThreshold"])
async def test_nobody_signed_in_changes_nothing(stranger: Api, name: str) -> None:
    given = {"discipline": "RUN", "effectiveFrom": "2026-01-10"} if name == "SetThreshold" else {"id": "x"}
    with pytest.raises(Failed) as failed:
        await stranger.mutate(name, **given)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_changes_leave_a_trail(ada: Person, db: Database) -> None:
    made = await threshold(ada, "RUN", "2026-01-10", lthr=170)
    await threshold(ada, "RUN", "2026-01-10", lthr=171)
    await ada.mutate("UpdateThreshold", id=made["id"], lthr=172)
    await ada.mutate("DeleteThreshold", id=made["id"])
    first, second = await changes_of(db, ada, "threshold.set")
    assert (first.before, first.after["lthr"], first.after["effective_from"]) == (None, 170, "2026-01-10")
    assert (second.before, second.after) == ({"lthr": 170}, {"lthr": 171})
    assert [event.after for event in await changes_of(db, ada, "threshold.changed")] == [{"lthr": 172}]
    (removed,) = await changes_of(db, ada, "threshold.removed")
    assert (removed.before["lthr"], removed.after) == (172, None)
