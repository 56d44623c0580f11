"""One more proof for a session that is there: the code that completes it, or the password before a delicate change."""

from datetime import datetime

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.credentials import hand_over, require_cookie_jar
from coachwatts.api.identity.second_factor import SecondFactorInput
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.user import User
from coachwatts.errors import CoachWattsError
from coachwatts.identity import confirmation, proof, second_factor
from coachwatts.identity.repository import people
from coachwatts.identity.second_factor import WrongCode

RENEWED = "For BEARER: the session's new token; the old one opens nothing any longer. With a cookie null: the cookie is new."


@strawberry.type(description="The session is complete.")
class ConfirmSecondFactorPayload(Payload):
    viewer: User | None = strawberry.field(default=None, description="The person who signed in.")
    token: str | None = strawberry.field(default=None, description=RENEWED)
    expires_at: datetime | None = strawberry.field(default=None, description="When the session ends at the latest.")


@strawberry.input(description="The password once more.")
class ConfirmPasswordInput:
    password: str = strawberry.field(description="The password of the account.")


@strawberry.type(description="For 15 minutes this session may change sign-in itself.")
class ConfirmPasswordPayload(Payload):
    token: str | None = strawberry.field(default=None, description=RENEWED)


@strawberry.type
class ConfirmationMutations:
    @mutation(description="The second step of signing in: give the code. Send it with the credential that signIn answered.")
    async def confirm_second_factor(self, info: Info, input: SecondFactorInput) -> ConfirmSecondFactorPayload:
        context, pending = info.context, info.context.require_pending()
        _require_way_back(context)
        async with context.write(pending.scope) as session:
            begun = await second_factor.confirm(session, context.runtime, pending, input.proof())
            account = await people.by_id(session, pending.user_id)
        if isinstance(begun, WrongCode):
            raise begun  # after the commit: a wrong code counts
        return ConfirmSecondFactorPayload(
            viewer=User.from_account(account, own=True) if account else None,
            token=hand_over(context, begun, in_cookie=context.by_cookie),
            expires_at=begun.session.expires_at,
        )

    @mutation(description="Give your password once more before a delicate change. The session goes on under a new token.")
    async def confirm_password(self, info: Info, input: ConfirmPasswordInput) -> ConfirmPasswordPayload:
        context, viewer = info.context, info.context.require_viewer()
        _require_way_back(context)
        async with context.read() as reading:
            stored = await confirmation.stored(reading, viewer)
        given = await proof.weigh(stored, input.password)
        async with context.write() as session:
            outcome = await confirmation.settle(session, context.runtime, viewer, given)
        if isinstance(outcome, CoachWattsError):
            raise outcome  # after the commit: a wrong password counts
        return ConfirmPasswordPayload(token=hand_over(context, outcome, in_cookie=context.by_cookie))


def _require_way_back(context: Context) -> None:
    """The new token goes back the way the old one came."""
    if context.by_cookie:
        require_cookie_jar(context)
