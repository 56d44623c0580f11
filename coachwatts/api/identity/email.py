import strawberry

from coachwatts.api.context import Info
from coachwatts.api.identity.sign_up import LINK, TOKEN
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.db.scope import Scope
from coachwatts.identity import email_change
from coachwatts.identity.pace import ASK_FOR_LINK, OPEN_LINK


@strawberry.input(description="The address to sign in with from now on.")
class RequestEmailChangeInput:
    email: str = strawberry.field(description="Where the confirming link goes.")


@strawberry.type(description="A link went to the new address, and word of it to the old one.")
class RequestEmailChangePayload(Payload):
    link: str | None = strawberry.field(default=None, description=LINK)


@strawberry.input(description="The token of the link that went to the new address.")
class ConfirmEmailChangeInput:
    token: str = strawberry.field(description=TOKEN)


@strawberry.type(description="The account with its new address.")
class ConfirmEmailChangePayload(Payload):
    user: User | None = strawberry.field(default=None, description="The person. Sign in with the new address from now on.")


@strawberry.input(description="The token of the link that went to the old address.")
class UndoEmailChangeInput:
    token: str = strawberry.field(description=TOKEN)


@strawberry.type(description="The account has its old address; sessions, tokens and the password are void. A reset link was sent.")
class UndoEmailChangePayload(Payload):
    link: str | None = strawberry.field(default=None, description=LINK)


@strawberry.type
class EmailMutations:
    @mutation(description="Sign in with another address. Confirm your password first; then open the link that goes to the new address.")
    async def request_email_change(self, info: Info, input: RequestEmailChangeInput) -> RequestEmailChangePayload:
        context, viewer = info.context, info.context.require_viewer()
        viewer.require_fresh()
        await ASK_FOR_LINK.keep(context.runtime, context.client, viewer.email)
        async with context.write() as session:
            sent = await email_change.request(session, context.runtime, context.client, viewer, input.email)
        return RequestEmailChangePayload(link=sent.link)

    @mutation(description="Show that the new address is yours, with the token of the link that was sent to it.")
    async def confirm_email_change(self, info: Info, input: ConfirmEmailChangeInput) -> ConfirmEmailChangePayload:
        context = info.context
        await OPEN_LINK.keep(context.runtime, context.client)
        async with context.write(Scope.nobody()) as session:
            account = await email_change.complete(session, context.client, input.token)
        return ConfirmEmailChangePayload(user=User.from_account(account, own=False))

    @mutation(description="It was not me: keep or take back the old address, with the token of the link that was sent to it.")
    async def undo_email_change(self, info: Info, input: UndoEmailChangeInput) -> UndoEmailChangePayload:
        context = info.context
        await OPEN_LINK.keep(context.runtime, context.client)
        async with context.write(Scope.nobody()) as session:
            sent = await email_change.undo(session, context.runtime, context.client, input.token)
        return UndoEmailChangePayload(link=sent.link)
