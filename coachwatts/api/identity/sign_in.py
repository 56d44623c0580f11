from datetime import datetime
from enum import StrEnum

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.credentials import forget_cookie, set_cookie
from coachwatts.api.enums import describe
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.db.scope import Scope
from coachwatts.identity import sessions, sign_in
from coachwatts.identity.repository import people


class Transport(StrEnum):
    COOKIE = "COOKIE"
    BEARER = "BEARER"


describe(
    Transport,
    "How the session travels from now on.",
    COOKIE="In a cookie that scripts cannot read: for browsers.",
    BEARER="In the Authorization header: for everything else.",
)


@strawberry.input(description="What a person signs in with.")
class SignInInput:
    email: str = strawberry.field(description="The address of the account.")
    password: str = strawberry.field(description="Its password.")
    remember_me: bool = strawberry.field(default=False, description="30 days instead of 24 hours; ends after 14 days without use.")
    transport: Transport = strawberry.field(default=Transport.COOKIE, description="How the session travels.")


@strawberry.type(description="The session that has begun.")
class SignInPayload(Payload):
    viewer: User | None = strawberry.field(default=None, description="The person who signed in.")
    token: str | None = strawberry.field(default=None, description="For BEARER: send it as 'Authorization: Bearer …'. Shown once.")
    expires_at: datetime | None = strawberry.field(default=None, description="When the session ends at the latest.")


@strawberry.type(description="The session has ended.")
class SignOutPayload(Payload):
    pass


@strawberry.type
class SignInMutations:
    @mutation(description="Sign in with e-mail address and password.")
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        context = info.context
        given = sign_in.Credentials(input.email, input.password, input.remember_me)
        async with context.write(Scope.nobody()) as session:
            begun = await sign_in.sign_in(session, context.runtime, context.client, given)
            account = await people.by_id(session, begun.session.user_id)
        if input.transport is Transport.COOKIE:
            set_cookie(context, begun)
        token = begun.token.text if input.transport is Transport.BEARER else None
        viewer = User.from_account(account, own=True) if account else None
        return SignInPayload(viewer=viewer, token=token, expires_at=begun.session.expires_at)

    @mutation(description="End the session that this request came with.")
    async def sign_out(self, info: Info) -> SignOutPayload:
        viewer = info.context.require_viewer()
        async with info.context.write() as session:
            await sessions.end(session, viewer)
        forget_cookie(info.context)
        return SignOutPayload()
