import strawberry

from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.db.scope import Scope
from coachwatts.identity import sign_up


@strawberry.input(description="What it takes to make an account.")
class SignUpInput:
    email: str = strawberry.field(description="Where the verification link goes.")
    password: str = strawberry.field(description="8 to 256 characters; any of them.")
    name: str = strawberry.field(default="", description="The name shown to others.")
    timezone: str = strawberry.field(default="UTC", description="IANA name, such as Europe/Berlin.")
    locale: str = strawberry.field(default="en", description="Language tag, such as en or de-CH.")


@strawberry.type(description="The same whether or not the address has an account already.")
class SignUpPayload(Payload):
    link: str | None = strawberry.field(
        default=None, description="The link that the mail would carry: only on a loopback address without a mail server."
    )


@strawberry.input(description="The token of a verification link.")
class VerifyEmailInput:
    token: str = strawberry.field(description="The last part of the link's path.")


@strawberry.type(description="The account whose address has now been verified.")
class VerifyEmailPayload(Payload):
    user: User | None = strawberry.field(default=None, description="The person. Sign in to go on.")


@strawberry.type
class SignUpMutations:
    @mutation(description="Make an account. A link to verify the address is sent; sign in after opening it.")
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpPayload:
        async with info.context.write(Scope.nobody()) as session:
            sent = await sign_up.sign_up(session, info.context.runtime, sign_up.Form(**vars(input)))
        return SignUpPayload(link=sent.link)

    @mutation(description="Show that the address is yours, with the token of the link that was sent to it.")
    async def verify_email(self, info: Info, input: VerifyEmailInput) -> VerifyEmailPayload:
        async with info.context.write(Scope.nobody()) as session:
            account = await sign_up.verify_email(session, input.token)
        return VerifyEmailPayload(user=User.from_account(account, own=False))
