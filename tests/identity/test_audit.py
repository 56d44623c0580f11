from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import audit
from coachwatts.identity.viewer import Client
from coachwatts.models.trust import ActingAs, AuditEvent


async def recorded(db: Database, **more: Any) -> AuditEvent:
    athlete_id = uuid4()
    async with db.write(Scope.own(athlete_id)) as session:
        audit.record(session, None, Client("203.0.113.9", "agent", "r1"), "test.done", athlete_id=athlete_id, **more)
    async with db.read(Scope.own(athlete_id)) as reading:
        return (await reading.scalars(select(AuditEvent).where(AuditEvent.athlete_id == athlete_id))).one()


async def test_a_line_says_who_what_whose_and_from_where(db: Database) -> None:
    line = await recorded(db, acting_as=ActingAs.SYSTEM, entity="thing", entity_id=UUID(int=7), reason="because")
    assert (line.actor_id, line.acting_as, line.action, line.ip, line.request_id) == (None, "SYSTEM", "test.done", "203.0.113.9", "r1")
    assert (line.entity, line.entity_id, line.reason) == ("thing", str(UUID(int=7)), "because")


@pytest.mark.parametrize("name", sorted(audit.HIDDEN))
async def test_secrets_are_left_out_however_deep(db: Database, name: str) -> None:
    line = await recorded(db, before={name: "s3cret"}, after={"kept": {"deeper": [{name: "s3cret", "seen": 1}]}})
    assert (line.before, line.after) == ({}, {"kept": {"deeper": [{"seen": 1}]}})


async def test_what_json_does_not_know_is_text(db: Database) -> None:
    line = await recorded(db, after={"day": date(2026, 5, 1), "areas": {"HEALTH"}, "none": None, "watts": 250.5, "on": True})
    assert line.after == {"day": "2026-05-01", "areas": ["HEALTH"], "none": None, "watts": 250.5, "on": True}


async def test_what_is_undone_leaves_no_line(db: Database) -> None:
    """The deed and its line are one transaction."""
    athlete_id = uuid4()

    class Undone(Exception):
        pass

    with pytest.raises(Undone):
        async with db.write(Scope.own(athlete_id)) as session:
            audit.record(session, None, Client(), "test.done", athlete_id=athlete_id)
            await session.flush()
            raise Undone
    async with db.read(Scope.own(athlete_id)) as reading:
        assert (await reading.scalars(select(AuditEvent))).all() == []
