"""Accounts as an administrator sees them: how they sign in, nothing of what they record."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.identity.types import user_id_of
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.pagination import After, Before, Connection, First, Last, PageArguments, Pages, connect
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.db.keyset import Page, Window
from coachwatts.identity import administration
from coachwatts.identity.repository import accounts
from coachwatts.models.user import Capability, UserAccount

Search = Annotated[str | None, strawberry.argument(description="Only those with this in their address or name.")]


@strawberry.type(description="An account as an administrator sees it. It shows no athlete's data.")
class ManagedAccount(Node):
    user_id: strawberry.ID = strawberry.field(description="Id of the User.")
    name: str = strawberry.field(description="The name shown to others. May be empty.")
    email: str = strawberry.field(description="Sign-in address.")
    verified: bool = strawberry.field(description="Whether the address was shown to be theirs.")
    capabilities: list[Capability] = strawberry.field(description="What the person may do.")
    active: bool = strawberry.field(description="Whether the person can sign in at all.")
    locked_until: datetime | None = strawberry.field(description="Until when sign-in rests after wrong passwords.")
    last_sign_in_at: datetime | None = strawberry.field(description="When the person last signed in.")
    created_at: datetime = strawberry.field(description="When the account was made.")
    deletion_due_at: datetime | None = strawberry.field(description="When the account will be erased, after its deletion was asked for.")

    @classmethod
    def from_row(cls, row: UserAccount) -> Self:
        return cls(
            id=strawberry.ID(str(GlobalId("ManagedAccount", row.id, row.id.hex))),
            user_id=user_id_of(row.id),
            name=row.name,
            email=row.email,
            verified=row.email_verified_at is not None,
            capabilities=[Capability(name) for name in row.capabilities],
            active=row.is_active,
            locked_until=row.locked_until,
            last_sign_in_at=row.last_sign_in_at,
            created_at=row.created_at,
            deletion_due_at=row.deletion_due_at,
        )


@strawberry.type
class AccountQueries:
    @strawberry.field(description="All accounts, newest first. For administrators.", metadata={"scopes": NO_TOKEN})
    async def accounts(
        self,
        info: Info,
        search: Search = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ManagedAccount]:
        context, viewer = info.context, info.context.require_viewer()
        administration.require_admin(viewer)
        wanted = administration.checked_search(search)

        async def fetch(window: Window) -> Page[UserAccount]:
            async with context.read() as session:
                return await administration.page(session, viewer, window, wanted)

        async def count() -> int:
            async with context.read() as session:
                return await administration.count(session, viewer, wanted)

        return await connect(Pages(accounts.NEWEST, fetch, count), PageArguments(first, after, last, before), ManagedAccount.from_row)


@fetched_by("ManagedAccount")
async def _fetch(context: Context, wanted: GlobalId) -> ManagedAccount | None:
    viewer = context.viewer
    if viewer is None or not viewer.is_admin() or wanted.key_as_uuid != wanted.athlete:
        return None
    async with context.read() as session:
        row = await administration.find(session, viewer, wanted.athlete)
    return ManagedAccount.from_row(row) if row else None
