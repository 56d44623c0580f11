"""The parameters of one GraphQL request, from whichever transport brought them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome


@dataclass(frozen=True, slots=True)
class Params:
    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]

    @classmethod
    def from_json(cls, body: bytes) -> "Params":
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Refusal.of(Outcome.NOT_JSON, "BAD_REQUEST", "The request body is not JSON.") from None
        return cls.from_object(found)

    @classmethod
    def from_object(cls, found: object) -> "Params":
        if isinstance(found, list):
            raise malformed("Send one operation per request; batches are not supported.")
        if not isinstance(found, dict):
            raise malformed("The request must be a JSON object.")
        params = cls(
            query=_string(found, "query"),
            document_id=_string(found, "documentId"),
            operation_name=_string(found, "operationName"),
            variables=_object(found, "variables"),
            extensions=_object(found, "extensions"),
        )
        if params.query is None and params.document_id is None and "persistedQuery" not in params.extensions:
            raise malformed("The request needs 'query' or 'documentId'.")
        return params

    @classmethod
    def from_query_string(cls, found: Mapping[str, str]) -> "Params":
        nested = {name: _parse_parameter(name, found[name]) for name in ("variables", "extensions") if found.get(name)}
        return cls.from_object({**found, "variables": None, "extensions": None, **nested})


def malformed(message: str) -> Refusal:
    return Refusal.of(Outcome.MALFORMED, "BAD_REQUEST", message)


def _string(found: Mapping[str, Any], name: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise malformed(f"'{name}' must be a string.")
    return value


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    if value is not None and not isinstance(value, dict):
        raise malformed(f"'{name}' must be an object.")
    return value or {}


def _parse_parameter(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refusal.of(Outcome.NOT_JSON, "BAD_REQUEST", f"'{name}' is not JSON.") from None
