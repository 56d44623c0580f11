"""What can go wrong, as one tree.

CoachWattsError
├── Unauthenticated        nobody is signed in
│   └── SessionExpired     somebody was
├── NotAllowed             signed in, but this needs a scope, role or fresh password
├── NotFound               not there, or not yours: the same answer
├── Conflict               somebody else was first, or the thing is in another state
├── InvalidInput           one or more fields carry a value that cannot be accepted
├── RateLimited            too often; says when to come back
└── Unavailable            something this server needs does not answer

Each has a code (the catalogue that clients rely on) and a sentence that says what to do next.
The edge turns them into payload errors or HTTP statuses; nothing else does.
"""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """The catalogue. A code is never renamed or given a second meaning."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    NOT_ALLOWED = "NOT_ALLOWED"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TAKEN = "TAKEN"
    TOO_COMMON = "TOO_COMMON"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED"
    SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"
    EXPIRED = "EXPIRED"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is wrong, and what to do about it."""

    code: ErrorCode
    message: str
    field: tuple[str, ...] = ()  # path in the input, snake_case; the edge writes camelCase


class CoachWattsError(Exception):
    code = ErrorCode.INVALID

    def __init__(self, message: str, *, field: str | tuple[str, ...] = (), code: ErrorCode | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.problems: tuple[Problem, ...] = (Problem(self.code, message, (field,) if isinstance(field, str) else field),)


class Unauthenticated(CoachWattsError):
    code = ErrorCode.UNAUTHENTICATED

    def __init__(self, message: str = "Sign in first.") -> None:
        super().__init__(message)


class SessionExpired(Unauthenticated):
    code = ErrorCode.SESSION_EXPIRED

    def __init__(self, message: str = "Your session has ended. Sign in again.") -> None:
        super().__init__(message)


class NotAllowed(CoachWattsError):
    code = ErrorCode.NOT_ALLOWED


class NotFound(CoachWattsError):
    code = ErrorCode.NOT_FOUND

    def __init__(self, message: str = "There is nothing here that you may see.", *, field: str | tuple[str, ...] = ()) -> None:
        super().__init__(message, field=field)


class Conflict(CoachWattsError):
    code = ErrorCode.CONFLICT


class InvalidInput(CoachWattsError):
    """Collects every problem of an input, so that a form can show them all at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.code = problems[0].code

    @classmethod
    def of(cls, field: str, message: str, code: ErrorCode = ErrorCode.INVALID) -> "InvalidInput":
        return cls(Problem(code, message, tuple(field.split("."))))


class RateLimited(CoachWattsError):
    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(CoachWattsError):
    code = ErrorCode.UNAVAILABLE
