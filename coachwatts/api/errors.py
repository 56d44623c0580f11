"""Expected failures as data: what a payload says about what was wrong with the input."""

from typing import Self

import strawberry
from strawberry.utils.str_converters import to_camel_case

from coachwatts.api.enums import describe
from coachwatts.errors import CoachWattsError, ErrorCode, Problem

describe(
    ErrorCode,
    "What kind of thing went wrong. A code is never renamed or given a second meaning.",
    UNAUTHENTICATED="Nobody is signed in.",
    SESSION_EXPIRED="Somebody was signed in; the session has ended.",
    NOT_ALLOWED="Signed in, but this needs another right.",
    CONFIRMATION_REQUIRED="Signed in, but this needs the password again: confirmPassword, then repeat it.",
    NOT_FOUND="Not there, or not yours: the same answer.",
    CONFLICT="Somebody else was first, or the thing is in another state.",
    INVALID="A value that cannot be understood or accepted.",
    REQUIRED="A value is missing.",
    TOO_SHORT="Fewer characters than needed.",
    TOO_LONG="More characters than fit.",
    OUT_OF_RANGE="Outside of what is possible.",
    TAKEN="Already in use.",
    TOO_COMMON="A password that is easy to guess.",
    WRONG_CREDENTIALS="Address, password or code is wrong, or the account is locked for a while.",
    EMAIL_NOT_VERIFIED="The link in the verification mail has not been opened yet.",
    SECOND_FACTOR_REQUIRED="The password was right; the code of the authenticator is missing.",
    EXPIRED="Used already, or too old.",
    RATE_LIMITED="Too often; says when to come back.",
    UNAVAILABLE="Something that this server needs does not answer.",
)


@strawberry.type(description="One thing that is wrong with the input, where it is wrong, and what to do about it.")
class UserError:
    code: ErrorCode = strawberry.field(description="What kind of thing went wrong.")
    message: str = strawberry.field(description="A sentence for a person, which says what to do.")
    field: list[str] = strawberry.field(description="Path in the input, from its first field on. Empty: it concerns the whole input.")
    retry_after_seconds: int | None = strawberry.field(default=None, description="When to come back, for RATE_LIMITED.")

    @classmethod
    def from_problem(cls, problem: Problem, retry_after: int | None = None) -> Self:
        path = [to_camel_case(part) for part in problem.field]
        return cls(code=problem.code, message=problem.message, field=path, retry_after_seconds=retry_after)


def user_errors(failure: CoachWattsError) -> list[UserError]:
    retry_after = getattr(failure, "retry_after_s", None)
    return [UserError.from_problem(problem, retry_after and round(retry_after + 0.5)) for problem in failure.problems]
