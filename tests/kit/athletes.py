"""Looks behind the API for what it does not show: the keys of people, the trail."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from coachwatts.api.global_id import GlobalId
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.trust import AuditEvent
from tests.kit.api import Person


def key_of(person: Person) -> UUID:
    wanted = GlobalId.parse(person.id)
    assert wanted
    return wanted.athlete


async def changes_of(db: Database, person: Person, action: str) -> Sequence[Any]:
    """Lines of the audit trail about a person, oldest first."""
    async with db.read(Scope.own(key_of(person))) as session:
        chosen = select(AuditEvent).where(AuditEvent.athlete_id == key_of(person), AuditEvent.action == action)
        return (await session.scalars(chosen.order_by(AuditEvent.at))).all()


async def threshold(person: Person, discipline: str, day: str, **values: Any) -> dict[str, Any]:
    payload = await person.mutate("SetThreshold", discipline=discipline, effectiveFrom=day, **values)
    assert payload["errors"] == [], payload
    made: dict[str, Any] = payload["threshold"]
    return made
