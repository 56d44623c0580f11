"""What happens to athletes, through the API and behind it: thresholds, what providers propose, the trail of it all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from coachwatts.athletes import proposals
from coachwatts.athletes.proposals import Proposal
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.athlete import Discipline, Threshold, ThresholdKind, ThresholdSource
from coachwatts.models.trust import AuditEvent
from tests.kit.accounts import user_of
from tests.kit.api import Person

PROPOSED_FOR = date(2026, 2, 1)


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


async def propose(db: Database, person: Person, source: ThresholdSource = ThresholdSource.PROVIDER, **values: float) -> Threshold | None:
    kinds = {ThresholdKind(name): value for name, value in values.items()}
    proposal = Proposal(Discipline.RIDE, PROPOSED_FOR, kinds, source, "Eight-minute test")
    async with db.write(Scope.own(user_of(person))) as session:
        return await proposals.propose(session, user_of(person), proposal)
