"""What an administrator does with accounts."""

from uuid import UUID

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.trust.accounts import ManagedAccount
from coachwatts.errors import NotFound
from coachwatts.identity import administration
from coachwatts.models.user import Capability


@strawberry.input(description="What a person may do from now on.")
class SetCapabilitiesInput:
    id: strawberry.ID = strawberry.field(description="Id of the ManagedAccount.")
    capabilities: list[Capability] = strawberry.field(description="All of them, not only the new ones.")


@strawberry.input(description="Whether a person can sign in.")
class SetAccountActiveInput:
    id: strawberry.ID = strawberry.field(description="Id of the ManagedAccount.")
    active: bool = strawberry.field(description="False keeps the person out and ends their sessions and tokens. Nothing is deleted.")


@strawberry.input(description="Whose sign-in rests after wrong passwords.")
class LiftAccountLockInput:
    id: strawberry.ID = strawberry.field(description="Id of the ManagedAccount.")


@strawberry.input(description="Whom to sign out.")
class SignOutEverywhereInput:
    id: strawberry.ID = strawberry.field(description="Id of the ManagedAccount.")


@strawberry.type(description="The account as it is now.")
class ManagedAccountPayload(Payload):
    account: ManagedAccount | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class AdministrationMutations:
    """All of these need a password that was confirmed just now, and are written to the trail of the account."""

    @mutation(description="Say what a person may do. Who becomes an administrator has to sign in anew; the last one stays one.")
    async def set_capabilities(self, info: Info, input: SetCapabilitiesInput) -> ManagedAccountPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await administration.set_capabilities(session, viewer, context.client, _user(input.id), input.capabilities)
        return ManagedAccountPayload(account=ManagedAccount.from_row(row))

    @mutation(description="Keep a person out, or let them in again.")
    async def set_account_active(self, info: Info, input: SetAccountActiveInput) -> ManagedAccountPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await administration.set_active(session, viewer, context.client, _user(input.id), active=input.active)
        return ManagedAccountPayload(account=ManagedAccount.from_row(row))

    @mutation(description="Let a person try again at once after wrong passwords.")
    async def lift_account_lock(self, info: Info, input: LiftAccountLockInput) -> ManagedAccountPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await administration.unlock(session, viewer, context.client, _user(input.id))
        return ManagedAccountPayload(account=ManagedAccount.from_row(row))

    @mutation(description="End all sessions of a person and revoke their tokens.")
    async def sign_out_everywhere(self, info: Info, input: SignOutEverywhereInput) -> ManagedAccountPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await administration.sign_out_everywhere(session, viewer, context.client, _user(input.id))
        return ManagedAccountPayload(account=ManagedAccount.from_row(row))


def _user(text: str) -> UUID:
    wanted = GlobalId.parse(text)
    if wanted is None or wanted.type != "ManagedAccount" or wanted.key_as_uuid != wanted.athlete:
        raise NotFound(field="id")
    return wanted.athlete
