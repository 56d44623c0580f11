"""Who may talk to us from a browser: cross-site request forgery fails closed, over HTTP and over WebSocket.

Two rules. A request that a browser marks as coming from another origin needs that origin in the allow list. A request that
carries our cookie must besides prove where it comes from and could not have been sent by a plain form or image: it has a JSON
body or one of the headers below, either of which makes a browser ask first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

ASKS_FIRST = ("x-apollo-operation-name", "apollo-require-preflight", "graphql-require-preflight", "x-requested-with")


@dataclass(frozen=True, slots=True)
class OriginRule:
    own: str
    """Scheme and host that we are reached under."""
    allowed: frozenset[str]
    cookies: Collection[str]
    """Names of the cookies that sign somebody in."""

    HERE: ClassVar = frozenset({"same-origin", "none"})  # "none": typed in or bookmarked, no page involved

    def check(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> None:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if not self._trusted(site, origin, headers.get("host")):
            raise _refused("Requests from this origin are not accepted.")
        if not any(name in cookies for name in self.cookies):
            return
        if site is None and origin is None:
            raise _refused("A request with a cookie must carry Sec-Fetch-Site or Origin.")
        if not _asks_first(headers):
            raise _refused(f"A request with a cookie must be JSON or carry one of the headers {', '.join(ASKS_FIRST)}.")

    def admits_socket(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
        """Browsers always send Origin with a WebSocket; other programs may leave it out, but then not use a cookie."""
        origin = headers.get("origin")
        if origin is None:
            return not any(name in cookies for name in self.cookies)
        return self._trusted(None, origin, headers.get("host"))

    def _trusted(self, site: str | None, origin: str | None, host: str | None) -> bool:
        if origin is not None:
            return origin in {self.own, f"{urlsplit(self.own).scheme}://{host}"} or origin in self.allowed
        return site is None or site in self.HERE


def _asks_first(headers: Mapping[str, str]) -> bool:
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    return is_json or any(headers.get(name) for name in ASKS_FIRST)


def _refused(message: str) -> Refusal:
    return Refusal.of(Outcome.FORBIDDEN, "FORBIDDEN_ORIGIN", message)
