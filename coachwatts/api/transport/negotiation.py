"""Which media type an answer goes out as (RFC 9110 section 12.5.1)."""

import re
from dataclasses import dataclass

from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
STREAM = "text/event-stream"

_Q = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_RANGE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+")


@dataclass(frozen=True, slots=True)
class _Range:
    name: str
    q: float
    place: int

    def specificity(self, offer: str) -> int:
        """0: does not cover the offer; otherwise the higher, the more exactly it names it."""
        kind = offer.partition("/")[0]
        return {offer: 3, f"{kind}/*": 2, "*/*": 1}.get(self.name, 0)


@dataclass(frozen=True, slots=True)
class Accept:
    """What a client takes, in its own order."""

    ranges: tuple[_Range, ...]

    @classmethod
    def parse(cls, header: str | None) -> "Accept":
        if header is None or not header.strip():
            return cls((_Range("*/*", 1.0, 0),))
        return cls(tuple(found for place, part in enumerate(header.lower().split(",")) if (found := _parse(part, place))))

    def choose(self, *offers: str) -> str | None:
        """The offer the client likes best; between equals the one it names first, then the one we name first."""
        (q, _), _, best = max((self._rate(offer), -place, offer) for place, offer in enumerate(offers))
        return best if q > 0 else None

    def quality(self, offer: str) -> float:
        return self._rate(offer)[0]

    def _rate(self, offer: str) -> tuple[float, int]:
        covering = [(entry.specificity(offer), entry) for entry in self.ranges if entry.specificity(offer)]
        if not covering:
            return (0.0, 0)
        exactness, entry = max(covering, key=lambda pair: pair[0])
        # A wildcard expresses no order among what it covers.
        return (entry.q, -entry.place if exactness == 3 else -len(self.ranges))


def _parse(part: str, place: int) -> _Range | None:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    if not _RANGE.fullmatch(name):
        return None
    for parameter in parameters:
        if match := _Q.fullmatch(parameter):
            return _Range(name, float(match[1]), place)
    return _Range(name, 1.0, place)


def media_type_for_result(accept: Accept) -> str:
    """For a query or mutation. Event streams lose a tie: urql lists them with every request and means subscriptions."""
    chosen = accept.choose(JSON, RESPONSE)
    if chosen and accept.quality(chosen) >= accept.quality(STREAM):
        return chosen
    if accept.quality(STREAM):
        return STREAM
    raise not_acceptable(JSON, RESPONSE)


def require_stream(accept: Accept) -> None:
    if not accept.quality(STREAM):
        raise not_acceptable(STREAM, hint="A subscription answers as an event stream, or over a WebSocket.")


def media_type_for_refusal(accept: Accept) -> str:
    return accept.choose(JSON, RESPONSE) or JSON


def not_acceptable(*offers: str, hint: str = "") -> Refusal:
    message = f"Accept must allow {' or '.join(offers)}. {hint}".strip()
    return Refusal.of(Outcome.NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
