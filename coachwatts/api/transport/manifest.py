"""The trusted documents in `graphql/`: one operation a file, fragments in `graphql/fragments/`, and a manifest that names them.

The manifest maps the sha256 of a document's text to its file. The text is the operation followed by the fragments that it uses,
so a client that is built from the same files computes the same hash.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from graphql import DocumentNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode, Visitor, parse, visit

MANIFEST = "manifest.json"


class BadDocument(ValueError):
    """The message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    name: str
    text: str

    @property
    def digest(self) -> str:
        return sha256(self.text)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def assemble(folder: Path) -> list[TrustedDocument]:
    """Every document in the folder, complete with fragments. Raises BadDocument."""
    fragments = {path.stem: _Source.of(path) for path in sorted(folder.glob("fragments/*.graphql"))}
    return [_assemble(path, fragments) for path in sorted(folder.glob("*.graphql"))]


def manifest_of(documents: list[TrustedDocument]) -> str:
    return json.dumps({document.digest: f"{document.name}.graphql" for document in documents}, indent=2) + "\n"


def every_document(folder: Path) -> dict[str, str]:
    """Hash to text of all files, whatever the manifest says: for development, where they change all the time."""
    return {document.digest: document.text for document in assemble(folder)}


def load_trusted(folder: Path) -> dict[str, str]:
    """Hash to text of what the manifest lists. Raises BadDocument when a file is not what the manifest says it is."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    texts = every_document(folder)
    listed: dict[str, str] = json.loads(path.read_text())
    for digest, name in listed.items():
        if digest not in texts:
            raise BadDocument(f"{name} has changed since the manifest was made. Run `make schema`.")
    return {digest: texts[digest] for digest in listed}


@dataclass(frozen=True, slots=True)
class _Source:
    text: str
    document: DocumentNode

    @classmethod
    def of(cls, path: Path) -> "_Source":
        text = path.read_text().strip()
        return cls(text, parse(text))

    def spreads(self) -> set[str]:
        found: set[str] = set()

        class Collector(Visitor):
            def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
                found.add(node.name.value)

        visit(self.document, Collector())
        return found - set(self._own_fragments())

    def _own_fragments(self) -> Iterator[str]:
        return (node.name.value for node in self.document.definitions if isinstance(node, FragmentDefinitionNode))


def _assemble(path: Path, fragments: Mapping[str, _Source]) -> TrustedDocument:
    source = _Source.of(path)
    operations = [node for node in source.document.definitions if isinstance(node, OperationDefinitionNode)]
    names = [node.name.value if node.name else "" for node in operations]
    if names != [path.stem]:
        raise BadDocument(f"{path.name} must hold one operation, and that must be called {path.stem}.")
    used: dict[str, str] = {}
    waiting = sorted(source.spreads())
    while waiting:
        name = waiting.pop(0)
        if name not in fragments:
            raise BadDocument(f"{path.name} uses a fragment {name} that is not in fragments/.")
        if name not in used:
            used[name] = fragments[name].text
            waiting.extend(sorted(fragments[name].spreads()))
    return TrustedDocument(path.stem, "\n\n".join([source.text, *(used[name] for name in sorted(used))]) + "\n")
