from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from coachwatts.api.context import Info
from coachwatts.api.enums import describe
from coachwatts.api.trust.people import Acquaintance, acquaintance
from coachwatts.models.trust import ActingAs
from coachwatts.models.trust import AuditEvent as Row

describe(
    ActingAs,
    "By which right somebody did something, where it was not their own.",
    COACH="As the coach of the athlete.",
    ADMIN="As an administrator of this server.",
    TOKEN="By a personal token.",  # noqa: S106 - words about a right
    SYSTEM="The server itself.",
)


@strawberry.type(description="A line of the trail: who did what, to whose data, and from where.")
class AuditEvent:
    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description="What, such as password.changed or athlete.read.")
    by_me: bool = strawberry.field(description="Whether the person themselves did it.")
    acting_as: ActingAs | None = strawberry.field(description="By which right; null for one's own.")
    entity: str | None = strawberry.field(description="What kind of thing was touched.")
    entity_id: str | None = strawberry.field(description="Which one.")
    before: JSON | None = strawberry.field(description="What it was, without secrets.")
    after: JSON | None = strawberry.field(description="What it became, without secrets.")
    reason: str | None = strawberry.field(description="Why, where a reason is asked for.")
    ip: str | None = strawberry.field(description="From which address; only of the person's own deeds.")
    row: strawberry.Private[Row]

    @classmethod
    def from_row(cls, row: Row, person_id: UUID) -> Self:
        own = row.actor_id == person_id
        return cls(
            at=row.at,
            action=row.action,
            by_me=own,
            acting_as=ActingAs(row.acting_as) if row.acting_as else None,
            entity=row.entity,
            entity_id=row.entity_id,
            before=cast("JSON | None", row.before),
            after=cast("JSON | None", row.after),
            reason=row.reason,
            ip=row.ip if own else None,
            row=row,
        )

    @strawberry.field(description="Who did it. Null for the server itself, and for somebody who was erased since.")
    async def actor(self, info: Info) -> Acquaintance | None:
        return await acquaintance(info.context, self.row.actor_id)

    @strawberry.field(description="Whose data it concerns. Null for somebody who was erased since.")
    async def athlete(self, info: Info) -> Acquaintance | None:
        return await acquaintance(info.context, self.row.athlete_id)
