from datetime import datetime
from enum import StrEnum

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.credentials import forget_cookie, hand_over, require_cookie_jar
from coachwatts.api.enums import describe
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.db.scope import Scope
from coachwatts.errors import CoachWattsError
from coachwatts.identity import proof, sessions, sign_in
from coachwatts.identity.even_time import even_time
from coachwatts.identity.pace import SIGN_IN
from coachwatts.identity.repository import people
from coachwatts.identity.sessions import Begun
from coachwatts.models.user import UserAccount


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
    viewer: User | None = strawberry.field(default=None, description="The person who signed in. Null while the second step is due.")
    second_factor_required: bool = strawberry.field(
        default=False, description="The session opens nothing yet: give the code to confirmSecondFactor within ten minutes."
    )
    token: str | None = strawberry.field(default=None, description="For BEARER: send it as 'Authorization: Bearer …'. Shown once.")
    expires_at: datetime | None = strawberry.field(default=None, description="When the session ends at the latest.")


@strawberry.type(description="The session has ended.")
class SignOutPayload(Payload):
    pass


@strawberry.type
class SignInMutations:
    @mutation(description="Sign in with e-mail address and password.")
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        context, in_cookie = info.context, input.transport is Transport.COOKIE
        if in_cookie:
            require_cookie_jar(context)
        await SIGN_IN.keep(context.runtime, context.client, input.email)
        begun, account = await _admitted(context, input)
        await end_replaced(context, in_cookie=in_cookie)
        pending = begun.session.second_factor_due
        return SignInPayload(
            viewer=User.from_account(account, own=True) if account and not pending else None,
            second_factor_required=pending,
            token=hand_over(context, begun, in_cookie=in_cookie),
            expires_at=begun.session.expires_at,
        )

    @mutation(description="End the session that this request came with.")
    async def sign_out(self, info: Info) -> SignOutPayload:
        viewer = info.context.require_known()
        async with info.context.write(viewer.scope) as session:
            await sessions.end(session, viewer)
        forget_cookie(info.context)
        return SignOutPayload()


async def _admitted(context: Context, input: SignInInput) -> tuple[Begun, UserAccount | None]:
    async with even_time(on_success=False):
        async with context.read(Scope.nobody()) as session:
            candidate = await sign_in.find(session, input.email)
        given = await proof.weigh(candidate.password_hash, input.password)
        async with context.write(Scope.nobody()) as session:
            outcome = await sign_in.settle(session, context.runtime, context.client, candidate, given, remember_me=input.remember_me)
            account = await people.by_id(session, candidate.user_id) if candidate.user_id else None
        if isinstance(outcome, CoachWattsError):
            raise outcome  # after the commit: a wrong password counts
        return outcome, account


async def end_replaced(context: Context, *, in_cookie: bool) -> None:
    """The new cookie overwrites the old one, whose session nobody could end any longer."""
    old = context.known if in_cookie and context.by_cookie else None
    if old:
        async with context.write(old.scope) as session:
            await sessions.end(session, old, "signed in again")
