from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from coachwatts.models.trust import AuditEvent as Row


@strawberry.type(description="A line of the trail: who did what, to whose data, and from where.")
class AuditEvent:
    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description="What, such as password.changed or athlete.read.")
    by_me: bool = strawberry.field(description="Whether the person themselves did it.")
    acting_as: str | None = strawberry.field(description="COACH, ADMIN, TOKEN or SYSTEM; null for the person themselves.")
    entity: str | None = strawberry.field(description="What kind of thing was touched.")
    entity_id: str | None = strawberry.field(description="Which one.")
    before: JSON | None = strawberry.field(description="What it was, without secrets.")
    after: JSON | None = strawberry.field(description="What it became, without secrets.")
    reason: str | None = strawberry.field(description="Why, where a reason is asked for.")
    ip: str | None = strawberry.field(description="From which address; only of the person's own deeds.")

    @classmethod
    def from_row(cls, row: Row, person_id: UUID) -> Self:
        own = row.actor_id == person_id
        return cls(
            at=row.at,
            action=row.action,
            by_me=own,
            acting_as=row.acting_as,
            entity=row.entity,
            entity_id=row.entity_id,
            before=row.before,
            after=row.after,
            reason=row.reason,
            ip=row.ip if own else None,
        )
