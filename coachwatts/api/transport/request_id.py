"""The id under which a request is logged and which masked errors quote."""

from starlette.requests import HTTPConnection

from coachwatts.ids import new_id


def request_id_of(connection: HTTPConnection) -> str:
    """The one that the request-id middleware chose."""
    state = connection.scope.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = new_id().hex
    return str(state["request_id"])
