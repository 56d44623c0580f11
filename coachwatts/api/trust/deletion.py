import strawberry

from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.identity import deletion


@strawberry.type(description="The account, with the day on which it will be erased, or without one again.")
class DeletionPayload(Payload):
    viewer: User | None = strawberry.field(default=None, description="The person who asks.")


@strawberry.type
class DeletionMutations:
    @mutation(
        description="Ask for everything about you to be erased in 14 days. Other devices are signed out, tokens revoked, coaches see"
        " nothing from now on. Needs a password that was confirmed just now."
    )
    async def delete_account(self, info: Info) -> DeletionPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            account = await deletion.request(session, context.runtime.settings, viewer, context.client)
        return DeletionPayload(viewer=User.from_account(account, own=True))

    @mutation(description="Stay after all: take the deletion back while there is time.")
    async def keep_account(self, info: Info) -> DeletionPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            account = await deletion.cancel(session, viewer, context.client)
        return DeletionPayload(viewer=User.from_account(account, own=True))
