from typing import cast

import strawberry
from strawberry import UNSET

from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.identity import account
from coachwatts.models.user import Units, Weekday


@strawberry.input(description="What to change. What is left out stays as it is.")
class UpdateAccountInput:
    name: str | None = strawberry.field(default=UNSET, description="The name shown to others; up to 200 characters, may be empty.")
    bio: str | None = strawberry.field(default=UNSET, description="A few words, up to 2000 characters; null clears it.")
    image: str | None = strawberry.field(default=UNSET, description="Address of a picture, https; null clears it.")
    timezone: str | None = strawberry.field(default=UNSET, description="IANA name, such as Europe/Berlin.")
    locale: str | None = strawberry.field(default=UNSET, description="Language tag, such as en or de-CH.")
    units: Units | None = strawberry.field(default=UNSET, description="Preferred units.")
    week_starts_on: Weekday | None = strawberry.field(default=UNSET, description="First day of the week.")


@strawberry.type(description="The account as it is now.")
class UpdateAccountPayload(Payload):
    viewer: User | None = strawberry.field(default=None, description="The person who asks.")


@strawberry.type
class AccountMutations:
    @mutation(description="Change your name, picture and preferences.")
    async def update_account(self, info: Info, input: UpdateAccountInput) -> UpdateAccountPayload:
        context, viewer = info.context, info.context.require_viewer()
        changes = cast("account.Changes", {name: value for name, value in vars(input).items() if value is not UNSET})
        async with context.write() as session:
            changed = await account.update(session, context.client, viewer, changes)
        return UpdateAccountPayload(viewer=User.from_account(changed, own=True))
