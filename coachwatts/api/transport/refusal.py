"""A request that ends before its operation runs."""

from collections.abc import Mapping
from typing import Any

from coachwatts.api.transport.statuses import Outcome

Formatted = dict[str, Any]


def coded(message: str, code: str, **extensions: Any) -> Formatted:
    return {"message": message, "extensions": {"code": code, **extensions}}


class Refusal(Exception):
    """Carries what the client is told: errors as GraphQL formats them, and what decides the HTTP status."""

    def __init__(self, outcome: Outcome, *errors: Formatted, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(errors[0]["message"])
        self.outcome = outcome
        self.errors = list(errors)
        self.headers = dict(headers or {})

    @classmethod
    def of(cls, outcome: Outcome, code: str, message: str, *, headers: Mapping[str, str] | None = None, **extensions: Any) -> "Refusal":
        return cls(outcome, coded(message, code, **extensions), headers=headers)
