"""What an error tells the client, and what only the log is told."""

from math import ceil
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from coachwatts.api.transport.limits import TooComplex
from coachwatts.api.transport.refusal import Formatted, Refusal
from coachwatts.api.transport.statuses import Outcome
from coachwatts.errors import CoachWattsError, RateLimited, Unauthenticated, Unavailable

log = structlog.get_logger()

INTERNAL = "Internal error. It has been logged; quote the request id when you ask about it."
DOES_NOT_FIT = "The document does not fit the schema here."


def describe_rejection(error: GraphQLError, code: str, *, explains: bool) -> Formatted:
    """An error of the document itself, found before anything ran."""
    if isinstance(error, TooComplex):
        return _format(error, error.message, "DOCUMENT_TOO_COMPLEX")
    tells_nothing = code == "GRAPHQL_PARSE_FAILED"  # syntax is no secret, which fields and arguments exist is
    return _format(error, error.message if explains or tells_nothing else DOES_NOT_FIT, code)


def describe_variable(error: GraphQLError) -> Formatted:
    return _format(error, error.message, "BAD_USER_INPUT")


def describe_failure(error: GraphQLError, request_id: str) -> Formatted:
    """An error while the operation ran."""
    cause = _root_cause(error)
    if isinstance(cause, CoachWattsError):
        return _format(error, str(cause), cause.code, **_details(cause))
    if isinstance(cause, GraphQLError):
        if cause.extensions and "code" in cause.extensions:
            return _format(error, cause.message, **cause.extensions)
        # graphql-core's words when an argument does not take a variable's value; everything else it says at run time is our fault.
        if cause.message.startswith("Argument "):
            return _format(error, cause.message, "BAD_USER_INPUT")
    return mask(cause, request_id, error)


def mask(cause: BaseException, request_id: str, error: GraphQLError | None = None) -> Formatted:
    path = list(error.path) if error and error.path else None
    log.error("operation_failed", request_id=request_id, path=path, exc_info=cause)
    return _format(error, INTERNAL, "INTERNAL_ERROR", requestId=request_id)


def refusal_for(error: CoachWattsError) -> Refusal:
    """A failure outside any field: while finding out who asks, or whether their budget allows it."""
    if isinstance(error, RateLimited):
        seconds = ceil(error.retry_after_s)
        return Refusal.of(Outcome.RATE_LIMITED, error.code, str(error), headers={"retry-after": str(seconds)}, retryAfterSeconds=seconds)
    outcomes: dict[type[CoachWattsError], Outcome] = {Unauthenticated: Outcome.UNAUTHENTICATED, Unavailable: Outcome.UNAVAILABLE}
    outcome = next((found for kind, found in outcomes.items() if isinstance(error, kind)), Outcome.FORBIDDEN)
    return Refusal.of(outcome, error.code, str(error))


def _details(error: CoachWattsError) -> dict[str, Any]:
    if isinstance(error, RateLimited):
        return {"retryAfterSeconds": ceil(error.retry_after_s)}
    field = error.problems[0].field
    return {"field": [to_camel_case(part) for part in field]} if field else {}


def _root_cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    return cause


def _format(error: GraphQLError | None, message: str, code: str, **extensions: Any) -> Formatted:
    formatted: Formatted = {"message": message}
    if error and error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error and error.path is not None:
        formatted["path"] = list(error.path)
    formatted["extensions"] = {"code": code, **extensions}
    return formatted
