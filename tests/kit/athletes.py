"""Looks behind the API for what it does not show: the trail."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.trust import AuditEvent
from tests.kit.accounts import user_of
from tests.kit.api import Person


async def changes_of(db: Database, person: Person, action: str) -> Sequence[Any]:
    """Lines of the audit trail about a person, oldest first."""
    async with db.read(Scope.own(user_of(person))) as session:
        chosen = select(AuditEvent).where(AuditEvent.athlete_id == user_of(person), AuditEvent.action == action)
        return (await session.scalars(chosen.order_by(AuditEvent.at))).all()


async def threshold(person: Person, discipline: str, day: str, **values: Any) -> dict[str, Any]:
    payload = await person.mutate("SetThreshold", discipline=discipline, effectiveFrom=day, **values)
    assert payload["errors"] == [], payload
    made: dict[str, Any] = payload["threshold"]
    return made
