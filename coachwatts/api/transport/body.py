"""Reads a request body, never more than the cap."""

from starlette.requests import Request

from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

MAX_BODY_BYTES = 64 * 1024


async def read_body(request: Request) -> bytes:
    _require_plain_json(request)
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > MAX_BODY_BYTES:
        raise _too_large()
    read = bytearray()
    async for chunk in request.stream():  # a chunked body announces nothing, so count what comes
        read += chunk
        if len(read) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(read)


def _require_plain_json(request: Request) -> None:
    media_type, *parameters = (part.strip() for part in request.headers.get("content-type", "").lower().split(";"))
    if media_type != "application/json":
        raise _unsupported("Send the request as application/json.", {"accept-post": "application/json"})
    if any(p.startswith("charset=") and p.removeprefix("charset=").strip('"') not in {"utf-8", "utf8"} for p in parameters):
        raise _unsupported("Send the request in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _unsupported("Send the request uncompressed.", {"accept-encoding": "identity"})


def _unsupported(message: str, headers: dict[str, str] | None = None) -> Refusal:
    return Refusal.of(Outcome.MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message, headers=headers)


def _too_large() -> Refusal:
    message = f"The request is larger than {MAX_BODY_BYTES // 1024} KiB."
    return Refusal.of(Outcome.TOO_LARGE, "REQUEST_TOO_LARGE", message, headers={"connection": "close"})
