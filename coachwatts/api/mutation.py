"""The shape of every mutation: one input, one payload, expected failures as data.

    @mutation(description="Change your name and preferences.")
    async def update_account(self, info: Info, input: UpdateAccountInput) -> UpdateAccountPayload:
        async with info.context.write() as session:
            account = await service.update(session, ...)
        return UpdateAccountPayload(viewer=User.from_account(account))

A CoachWattsError from the body becomes `errors` of an otherwise empty payload; the transaction has been rolled back by then.
Being signed out is not such a failure: it goes to the top-level errors, where clients look for it.
Without `scopes` no personal token may do it.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast, get_type_hints

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.errors import UserError, user_errors
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.errors import CoachWattsError, Unauthenticated

P = ParamSpec("P")
R = TypeVar("R", bound="Payload")


@strawberry.interface(description="What every mutation answers.")
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What was wrong with the input. Empty when the mutation did its work."
    )


def mutation(*, description: str, scopes: tuple[str, ...] = NO_TOKEN) -> Callable[[Callable[P, Awaitable[R]]], Any]:
    def decorate(resolver: Callable[P, Awaitable[R]]) -> Any:
        @wraps(resolver)
        async def answering(*args: P.args, **kwargs: P.kwargs) -> R:
            info = cast("Info", kwargs["info"])  # Strawberry names it
            info.context.loaders.forget()  # mutations of one document run in turn, and each reads what the one before has written
            try:
                return await resolver(*args, **kwargs)
            except Unauthenticated:
                raise
            except CoachWattsError as failure:
                payload: type[R] = get_type_hints(resolver)["return"]
                return payload(errors=user_errors(failure))

        return strawberry.mutation(answering, description=description, metadata={"scopes": scopes})

    return decorate
