"""Expected failures as data: what a payload says about what was wrong with the input."""

from typing import Self

import strawberry
from strawberry.utils.str_converters import to_camel_case

from coachwatts.errors import CoachWattsError, ErrorCode, Problem

strawberry.enum(ErrorCode, description="What kind of thing went wrong. Codes are never renamed.")


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
