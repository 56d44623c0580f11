import strawberry

from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.db.scope import Scope
from coachwatts.identity import sign_up
from coachwatts.identity.even_time import even_time
from coachwatts.identity.pace import ASK_FOR_LINK, OPEN_LINK, SIGN_UP

LINK = "The link that the mail would carry: only without a mail server, where no other machine can ask."
TOKEN = "The last part of the link's path."  # noqa: S105 - says what to give


@strawberry.input(description="What it takes to make an account.")
class SignUpInput:
    email: str = strawberry.field(description="Where the verification link goes.")
    password: str = strawberry.field(description="8 to 256 characters; any of them.")
    name: str = strawberry.field(default="", description="The name shown to others.")
    timezone: str = strawberry.field(default="UTC", description="IANA name, such as Europe/Berlin.")
    locale: str = strawberry.field(default="en", description="Language tag, such as en or de-CH.")
    invitation: str | None = strawberry.field(
        default=None, description="Token of a coaching invitation; opens a server where sign-up is by invitation."
    )


@strawberry.type(description="The same whether or not the address has an account already.")
class SignUpPayload(Payload):
    link: str | None = strawberry.field(default=None, description=LINK)


@strawberry.input(description="A verification link, opened by who signed up.")
class VerifyEmailInput:
    token: str = strawberry.field(description=TOKEN)
    password: str = strawberry.field(description="The password of the sign-up: nobody verifies what somebody else has signed up.")


@strawberry.type(description="The account whose address has now been verified.")
class VerifyEmailPayload(Payload):
    user: User | None = strawberry.field(default=None, description="The person. Sign in to go on.")


@strawberry.input(description="Who waits for a verification link.")
class ResendVerificationInput:
    email: str = strawberry.field(description="The address given at sign-up.")


@strawberry.type(description="The same whether or not somebody waits for a link at this address.")
class ResendVerificationPayload(Payload):
    link: str | None = strawberry.field(default=None, description=LINK)


@strawberry.type
class SignUpMutations:
    @mutation(description="Make an account. A link to verify the address is sent; sign in after opening it.")
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpPayload:
        context = info.context
        async with context.read(Scope.nobody()) as reading:
            await sign_up.require_open(reading, context.runtime.settings, input.invitation)
        await SIGN_UP.keep(context.runtime, context.client, input.email)
        form = sign_up.Form(input.email, input.password, input.name, input.timezone, input.locale)
        applicant = await sign_up.check(form)
        async with context.write(Scope.nobody()) as session:
            sent = await sign_up.sign_up(session, context.runtime, applicant)
        return SignUpPayload(link=sent.link)

    @mutation(description="Show that the address is yours, with the token of the link that was sent to it, and that the sign-up was.")
    async def verify_email(self, info: Info, input: VerifyEmailInput) -> VerifyEmailPayload:
        await OPEN_LINK.keep(info.context.runtime, info.context.client)
        async with info.context.write(Scope.nobody()) as session:
            account = await sign_up.verify_email(session, input.token, input.password)
        return VerifyEmailPayload(user=User.from_account(account, own=False))

    @mutation(description="Send the verification link again. Older links stop working.")
    async def resend_verification(self, info: Info, input: ResendVerificationInput) -> ResendVerificationPayload:
        context = info.context
        await ASK_FOR_LINK.keep(context.runtime, context.client, input.email)
        async with even_time(), context.write(Scope.nobody()) as session:
            sent = await sign_up.send_again(session, context.runtime, input.email)
        return ResendVerificationPayload(link=sent.link)
