"""What a provider or an estimate says waits for the athlete's word."""

from typing import Any

import pytest

from coachwatts.db.engine import Database
from coachwatts.errors import InvalidInput
from coachwatts.models.athlete import ThresholdSource
from tests.kit.accounts import user_of
from tests.kit.api import Person
from tests.kit.athletes import PROPOSED_FOR, changes_of, propose, threshold


async def history(person: Person, **chosen: str) -> list[dict[str, Any]]:
    found = (await person.run("Thresholds", first=20, filter=chosen))["viewer"]["thresholds"]["edges"]
    return [edge["node"] for edge in found]


async def only(person: Person) -> dict[str, Any]:
    (found,) = await history(person)
    return found


async def ftp(person: Person) -> int | None:
    found: int | None = (await person.run("AthleteToday", discipline="RIDE"))["viewer"]["ftp"]
    return found


async def test_a_proposal_counts_for_nothing_until_it_is_accepted(ada: Person, db: Database) -> None:
    assert await propose(db, ada, ftp_watts=250)
    proposed = await only(ada)
    assert (proposed["status"], proposed["source"], proposed["reason"]) == ("PROPOSED", "PROVIDER", "Eight-minute test")
    assert await ftp(ada) is None
    accepted = await ada.mutate("AcceptThreshold", id=proposed["id"])
    assert (accepted["errors"], accepted["threshold"]["status"], accepted["threshold"]["id"]) == ([], "ACTIVE", proposed["id"])
    assert await ftp(ada) == 250


async def test_a_rejected_proposal_stays_rejected_and_is_not_made_again(ada: Person, db: Database) -> None:
    await propose(db, ada, ftp_watts=250)
    proposed = await only(ada)
    assert (await ada.mutate("RejectThreshold", id=proposed["id"]))["threshold"]["status"] == "REJECTED"
    assert await propose(db, ada, ftp_watts=250) is None
    assert await propose(db, ada, ftp_watts=251) is not None
    assert await ftp(ada) is None


async def test_a_decision_is_made_once(ada: Person, db: Database) -> None:
    await propose(db, ada, ftp_watts=250)
    wanted = (await only(ada))["id"]
    await ada.mutate("RejectThreshold", id=wanted)
    assert await ada.codes("AcceptThreshold", id=wanted) == [("CONFLICT", "id")]
    assert await ada.codes("RejectThreshold", id=wanted) == [("CONFLICT", "id")]
    assert await ada.codes("UpdateThreshold", id=wanted, lthr=160) == [("CONFLICT", "id")]
    own = await threshold(ada, "RUN", "2026-01-01", lthr=170)
    assert await ada.codes("AcceptThreshold", id=own["id"]) == [("CONFLICT", "id")]


async def test_what_is_valid_already_is_no_news(ada: Person, db: Database) -> None:
    await threshold(ada, "RIDE", "2026-01-10", ftpWatts=250, maxHr=190)
    assert await propose(db, ada, ftp_watts=250, max_hr=190) is None
    assert await propose(db, ada) is None
    assert await propose(db, ada, ftp_watts=250, max_hr=191) is not None


async def test_a_source_that_thinks_better_of_it_changes_its_proposal(ada: Person, db: Database) -> None:
    first, second = await propose(db, ada, ftp_watts=250, lthr=165), await propose(db, ada, ftp_watts=255)
    assert first
    assert second
    assert first.id == second.id
    proposed = await only(ada)
    assert (proposed["ftpWatts"], proposed["lthr"]) == (255, None)
    await propose(db, ada, ThresholdSource.ESTIMATED, ftp_watts=256)
    assert len(await history(ada, status="PROPOSED")) == 2


async def test_an_accepted_proposal_joins_the_threshold_of_its_day(ada: Person, db: Database) -> None:
    own = await threshold(ada, "RIDE", str(PROPOSED_FOR), ftpWatts=240, lthr=165)
    await propose(db, ada, ftp_watts=250, max_hr=190)
    (proposed,) = await history(ada, status="PROPOSED")
    accepted = (await ada.mutate("AcceptThreshold", id=proposed["id"]))["threshold"]
    assert accepted["id"] == own["id"]
    assert (accepted["ftpWatts"], accepted["lthr"], accepted["maxHr"], accepted["source"]) == (250, 165, 190, "PROVIDER")
    assert len(await history(ada)) == 1


async def test_an_implausible_proposal_is_not_accepted(ada: Person, db: Database) -> None:
    await threshold(ada, "RIDE", "2026-01-10", maxHr=180)
    await propose(db, ada, lthr=181)
    (proposed,) = await history(ada, status="PROPOSED")
    assert await ada.codes("AcceptThreshold", id=proposed["id"]) == [("INVALID", "id")]


async def test_an_impossible_proposal_is_not_even_made(ada: Person, db: Database) -> None:
    impossible: list[dict[str, Any]] = [{"ftp_watts": 700}, {"lthr": 190, "max_hr": 180}]
    for wrong in impossible:
        with pytest.raises(InvalidInput):
            await propose(db, ada, **wrong)
    assert await history(ada) == []


async def test_auto_accept_makes_a_proposal_count_at_once(ada: Person, db: Database) -> None:
    await ada.mutate("UpdateProfile", autoAcceptThresholds=True)
    await propose(db, ada, ftp_watts=250)
    assert (await only(ada))["status"] == "ACTIVE"
    assert await ftp(ada) == 250


async def test_auto_accept_fills_a_day_but_never_overrules_the_athlete(ada: Person, db: Database) -> None:
    await ada.mutate("UpdateProfile", autoAcceptThresholds=True)
    await threshold(ada, "RIDE", str(PROPOSED_FOR), ftpWatts=240)
    await propose(db, ada, ftp_watts=250)
    assert await ftp(ada) == 240
    assert [row["status"] for row in await history(ada, status="PROPOSED")] == ["PROPOSED"]
    await propose(db, ada, ThresholdSource.ESTIMATED, lthr=165)
    (active,) = await history(ada, status="ACTIVE")
    assert (active["ftpWatts"], active["lthr"]) == (240, 165)


async def test_auto_accept_leaves_what_contradicts_other_values_to_the_athlete(ada: Person, db: Database) -> None:
    await ada.mutate("UpdateProfile", autoAcceptThresholds=True)
    await threshold(ada, "RIDE", "2026-01-10", maxHr=180)
    await propose(db, ada, lthr=185)
    assert len(await history(ada, status="PROPOSED")) == 1


async def test_an_astonishing_proposal_is_accepted_with_a_warning(ada: Person, db: Database) -> None:
    await propose(db, ada, ftp_watts=520)
    accepted = await ada.mutate("AcceptThreshold", id=(await only(ada))["id"])
    assert [warning["field"] for warning in accepted["warnings"]] == [["ftpWatts"]]


async def test_the_trail_tells_who_proposed_and_who_decided(ada: Person, db: Database) -> None:
    await propose(db, ada, ftp_watts=250)
    await ada.mutate("AcceptThreshold", id=(await only(ada))["id"])
    (proposed,), (accepted,) = await changes_of(db, ada, "threshold.proposed"), await changes_of(db, ada, "threshold.accepted")
    assert (proposed.actor_id, proposed.acting_as, proposed.after["ftp_watts"]) == (None, "SYSTEM", 250)
    assert (accepted.actor_id, accepted.before, accepted.after) == (user_of(ada), {"status": "PROPOSED"}, {"status": "ACTIVE"})
