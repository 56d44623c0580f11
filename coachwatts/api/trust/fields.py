"""What hangs off User about trust. Only the person themselves sees it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.pagination import After, Before, Connection, First, Last, PageArguments, Pages, connect
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.api.trust.coaching import CoachingRelationship
from coachwatts.api.trust.consents import Consent
from coachwatts.api.trust.trail import AuditEvent
from coachwatts.db.keyset import Page, Window
from coachwatts.identity.repository import audit, consents, relationships
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.models.trust import AuditEvent as AuditRow
from coachwatts.models.trust import CoachingRelationship as RelationshipRow
from coachwatts.models.trust import RelationshipStatus

Status = Annotated[list[RelationshipStatus] | None, strawberry.argument(description="Only those that stand so.")]


@strawberry.type
class TrustFields:
    user_id: strawberry.Private[UUID]
    deletion_due_at: datetime | None = strawberry.field(
        description="When this account will be erased, after its deletion was asked for. Only for the person themselves.",
        metadata={"scopes": (TokenScope.ACCOUNT_READ,)},
    )

    @strawberry.field(
        description="What this person agreed to, newest first. Only for the person themselves.", metadata={"scopes": NO_TOKEN}
    )
    async def consents(self, info: Info) -> list[Consent] | None:
        if not info.context.is_viewer(self.user_id):
            return None
        async with info.context.read() as session:
            return [Consent.from_row(row) for row in await consents.all_of(session, self.user_id)]

    @strawberry.field(
        description="Coaches and coached athletes, newest first. Only for the person themselves.", metadata={"scopes": NO_TOKEN}
    )
    async def coaching_relationships(
        self,
        info: Info,
        *,
        status: Status = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CoachingRelationship] | None:
        context = info.context
        if not context.is_viewer(self.user_id):
            return None

        async def fetch(window: Window) -> Page[RelationshipRow]:
            async with context.read() as session:
                return await relationships.page(session, self.user_id, window, status)

        async def count() -> int:
            async with context.read() as session:
                return await relationships.count(session, self.user_id, status)

        pages = Pages(relationships.NEWEST, fetch, count)
        return await connect(pages, PageArguments(first, after, last, before), lambda row: CoachingRelationship.from_row(row, self.user_id))

    @strawberry.field(
        description="What this person did, and what others did with their data, newest first. Only for the person themselves.",
        metadata={"scopes": NO_TOKEN},
    )
    async def audit_events(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AuditEvent] | None:
        context = info.context
        if not context.is_viewer(self.user_id):
            return None

        async def fetch(window: Window) -> Page[AuditRow]:
            async with context.read() as session:
                return await audit.page(session, self.user_id, window)

        async def count() -> int:
            async with context.read() as session:
                return await audit.count(session, self.user_id)

        pages = Pages(audit.NEWEST, fetch, count)
        return await connect(pages, PageArguments(first, after, last, before), lambda row: AuditEvent.from_row(row, self.user_id))
