"""Which HTTP status answers what: one table, two profiles, nothing else decides.

`audit` is what the graphql-http audit suite of today wants. `draft` follows the newer text of GraphQL over HTTP, which knows
422 and 294 and no longer treats `application/json` apart; the two cannot be satisfied at once.
"""

from enum import Enum, StrEnum, auto


class Profile(StrEnum):
    AUDIT = "audit"
    DRAFT = "draft"


class Outcome(Enum):
    DATA = auto()
    PARTIAL = auto()  # data and errors
    SYNTAX = auto()
    VALIDATION = auto()
    COERCION = auto()  # variables that do not fit their types
    OPERATION = auto()  # no such operation in the document
    MALFORMED = auto()  # JSON, but not a GraphQL request
    NOT_JSON = auto()
    UNKNOWN_DOCUMENT = auto()  # step one of Apollo's handshake: clients look for it in a 200
    UNAUTHENTICATED = auto()
    FORBIDDEN = auto()
    METHOD = auto()
    NOT_ACCEPTABLE = auto()
    TOO_LARGE = auto()
    MEDIA_TYPE = auto()
    RATE_LIMITED = auto()
    INTERNAL = auto()
    TIMED_OUT = auto()
    UNAVAILABLE = auto()


_ALWAYS = {
    Outcome.DATA: 200,
    Outcome.NOT_JSON: 400,
    Outcome.UNKNOWN_DOCUMENT: 200,
    Outcome.UNAUTHENTICATED: 401,
    Outcome.FORBIDDEN: 403,
    Outcome.METHOD: 405,
    Outcome.NOT_ACCEPTABLE: 406,
    Outcome.TOO_LARGE: 413,
    Outcome.MEDIA_TYPE: 415,
    Outcome.RATE_LIMITED: 429,
    Outcome.INTERNAL: 500,
    Outcome.TIMED_OUT: 503,
    Outcome.UNAVAILABLE: 503,
}
_REQUEST_ERRORS = (Outcome.SYNTAX, Outcome.VALIDATION, Outcome.COERCION, Outcome.OPERATION)
_AUDIT = _ALWAYS | {Outcome.PARTIAL: 200, Outcome.MALFORMED: 400} | dict.fromkeys(_REQUEST_ERRORS, 400)
_AUDIT_PLAIN_JSON = _AUDIT | dict.fromkeys(_REQUEST_ERRORS, 200)
_DRAFT = _ALWAYS | {Outcome.PARTIAL: 294, Outcome.MALFORMED: 422} | dict.fromkeys(_REQUEST_ERRORS, 422) | {Outcome.SYNTAX: 400}


def status_of(outcome: Outcome, profile: Profile, *, plain_json: bool) -> int:
    """`plain_json`: the answer goes out as application/json, not as application/graphql-response+json."""
    if profile is Profile.DRAFT:
        return _DRAFT[outcome]
    return (_AUDIT_PLAIN_JSON if plain_json else _AUDIT)[outcome]
