"""Documents that are named instead of sent.

Trusted ones lie in `graphql/` and are listed in its manifest by the sha256 of their text; clients send the hash as `documentId`
or in Apollo's `extensions.persistedQuery`. Registration by clients (automatic persisted queries) saves bandwidth and protects
nothing; it is off unless switched on, and then bounded.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from coachwatts.api.transport.limits import MAX_SOURCE_LENGTH
from coachwatts.api.transport.manifest import sha256
from coachwatts.api.transport.params import Params, malformed
from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

MAX_REGISTERED = 500


@dataclass(frozen=True, slots=True)
class Text:
    source: str
    trusted: bool


@dataclass(slots=True)
class PersistedDocuments:
    trusted: dict[str, str]
    only_trusted: bool = False
    register: bool = False
    _registered: "OrderedDict[str, str]" = field(default_factory=OrderedDict)

    def find(self, params: Params) -> Text:
        """The text to run. Raises Refusal."""
        digest = _digest(params)
        if digest and (text := self.trusted.get(digest)) is not None:
            return Text(text, trusted=True)
        if params.query is None:
            return self._recall(digest)
        if self.only_trusted:
            trusted = self.trusted.get(sha256(params.query))
            if trusted is None:
                raise Refusal.of(Outcome.FORBIDDEN, "TRUSTED_DOCUMENTS_ONLY", "This server runs only the documents that it ships with.")
            return Text(trusted, trusted=True)
        if digest:
            self._register(digest, params.query)
        return Text(params.query, trusted=False)

    def _recall(self, digest: str | None) -> Text:
        text = self._registered.get(digest or "")
        if text is None:
            raise Refusal.of(Outcome.UNKNOWN_DOCUMENT, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        self._registered.move_to_end(digest or "")
        return Text(text, trusted=False)

    def _register(self, digest: str, text: str) -> None:
        if sha256(text) != digest:
            raise malformed("The hash that came with 'query' is not that of its text.")
        if self.register and len(text) <= MAX_SOURCE_LENGTH:
            self._registered[digest] = text
            if len(self._registered) > MAX_REGISTERED:
                self._registered.popitem(last=False)


def _digest(params: Params) -> str | None:
    if params.document_id is not None:
        return params.document_id.removeprefix("sha256:").lower()
    entry: Any = params.extensions.get("persistedQuery")
    if entry is None:
        return None
    if not isinstance(entry, dict) or entry.get("version") != 1 or not isinstance(entry.get("sha256Hash"), str):
        raise malformed("'extensions.persistedQuery' needs version 1 and a sha256Hash.")
    return str(entry["sha256Hash"]).lower()
