import strawberry

from coachwatts.api.context import Info
from coachwatts.api.credentials import hand_over, require_cookie_jar
from coachwatts.api.identity.sign_up import LINK, TOKEN
from coachwatts.api.mutation import Payload, mutation
from coachwatts.db.scope import Scope
from coachwatts.errors import CoachWattsError
from coachwatts.identity import links, new_password, password_change, password_reset, proof, unlock
from coachwatts.identity.even_time import even_time
from coachwatts.identity.pace import ASK_FOR_LINK, OPEN_LINK, SIGN_IN

PASSWORD = "8 to 256 characters; any of them."  # noqa: S105 - says what to give


@strawberry.input(description="Who forgot the password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The address of the account.")


@strawberry.type(description="The same whether or not the address has an account: only the mailbox learns it.")
class RequestPasswordResetPayload(Payload):
    link: str | None = strawberry.field(default=None, description=LINK)


@strawberry.input(description="The token of a reset link, and the password from now on.")
class ResetPasswordInput:
    token: str = strawberry.field(description=TOKEN)
    password: str = strawberry.field(description=PASSWORD)


@strawberry.type(description="The password is new, the account unlocked, every session ended. Sign in to go on.")
class ResetPasswordPayload(Payload):
    pass


@strawberry.input(description="The password until now and from now on.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(description=PASSWORD)


@strawberry.type(description="The password is new and the other sessions have ended. This one goes on under a new token.")
class ChangePasswordPayload(Payload):
    token: str | None = strawberry.field(
        default=None, description="The session's new token, unless it travels in a cookie. The old one opens nothing any longer."
    )


@strawberry.input(description="The token of an unlock link.")
class UnlockAccountInput:
    token: str = strawberry.field(description=TOKEN)


@strawberry.type(description="The account is open for sign-in again.")
class UnlockAccountPayload(Payload):
    pass


@strawberry.type
class PasswordMutations:
    @mutation(description="Ask for a link to choose a new password. Says the same whether or not there is such an account.")
    async def request_password_reset(self, info: Info, input: RequestPasswordResetInput) -> RequestPasswordResetPayload:
        context = info.context
        await ASK_FOR_LINK.keep(context.runtime, context.client, input.email)
        async with even_time(), context.write(Scope.nobody()) as session:
            sent = await password_reset.request(session, context.runtime, input.email)
        return RequestPasswordResetPayload(link=sent.link)

    @mutation(description="Choose a new password, with the token of the link that was sent.")
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> ResetPasswordPayload:
        context = info.context
        await OPEN_LINK.keep(context.runtime, context.client)
        async with context.read(Scope.nobody()) as reading:
            account = (await links.look(reading, input.token, password_reset.PURPOSE)).account
        chosen = await new_password.choose(input.password, about=(account.email, account.name))
        async with context.write(Scope.nobody()) as session:
            await password_reset.complete(session, context.runtime, context.client, input.token, chosen)
        await SIGN_IN.forgive(context.runtime, account.email)
        return ResetPasswordPayload()

    @mutation(description="Change the password. Needs the current one; ends all other sessions.")
    async def change_password(self, info: Info, input: ChangePasswordInput) -> ChangePasswordPayload:
        context, viewer = info.context, info.context.require_viewer()
        if context.by_cookie:
            require_cookie_jar(context)
        async with context.read() as reading:
            stored = await password_change.stored(reading, viewer)
        chosen = await new_password.choose(input.new_password, about=(viewer.email, viewer.name), field="new_password")
        given = await proof.weigh(stored, input.current_password)
        async with context.write() as session:
            outcome = await password_change.settle(session, context.runtime, context.client, viewer, given=given, chosen=chosen)
        if isinstance(outcome, CoachWattsError):
            raise outcome  # after the commit: a wrong password counts
        return ChangePasswordPayload(token=hand_over(context, outcome, in_cookie=context.by_cookie))

    @mutation(description="Open an account that rests after wrong passwords, with the token of the link that told of it.")
    async def unlock_account(self, info: Info, input: UnlockAccountInput) -> UnlockAccountPayload:
        context = info.context
        await OPEN_LINK.keep(context.runtime, context.client)
        async with context.write(Scope.nobody()) as session:
            account = await unlock.unlock(session, context.client, input.token)
        await SIGN_IN.forgive(context.runtime, account.email)
        return UnlockAccountPayload()
