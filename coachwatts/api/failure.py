"""What a request gets that cannot be answered: a page for a person, the shape of GraphQL errors for a program."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from coachwatts.api.transport.encoding import encode
from coachwatts.errors import CoachWattsError, Conflict, InvalidInput, NotAllowed, NotFound, RateLimited, Unauthenticated, Unavailable
from coachwatts.web.pages import Pages

STATUSES: dict[type[CoachWattsError], int] = {
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    InvalidInput: 400,
    RateLimited: 429,
    Unavailable: 503,
}
WORDS = {
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take that method."),
    413: ("REQUEST_TOO_LARGE", "The request is larger than this address accepts."),
}


def refusal(scope: Scope, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    request_id = str(scope.get("state", {}).get("request_id", ""))
    if _wants_page(scope):
        pages: Pages = scope["app"].state.pages
        text = pages.render("refusal", status=status, message=message, request_id=request_id)
        return HTMLResponse(text, status, dict(headers or {}))
    error = {"message": message, "extensions": {"code": code, "requestId": request_id}}
    return Response(encode({"errors": [error]}), status, dict(headers or {}), media_type="application/json")


def answer_http_exception(request: Request, failure: Exception) -> Response:
    """For what Starlette's router refuses."""
    assert isinstance(failure, HTTPException)  # noqa: S101 - registered for this type alone
    code, message = WORDS.get(failure.status_code, ("REFUSED", failure.detail))
    headers = dict(failure.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return refusal(request.scope, failure.status_code, code, message, headers)


def answer_our_error(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, CoachWattsError)  # noqa: S101 - registered for this type alone
    return refusal(request.scope, status_of(failure), failure.code, str(failure), headers_of(failure))


def status_of(failure: CoachWattsError) -> int:
    return next((status for kind, status in STATUSES.items() if isinstance(failure, kind)), 400)


def headers_of(failure: CoachWattsError) -> dict[str, str]:
    return {"retry-after": str(round(failure.retry_after_s + 0.5))} if isinstance(failure, RateLimited) else {}


def _wants_page(scope: Scope) -> bool:
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accept and scope["method"] in {"GET", "HEAD"}
