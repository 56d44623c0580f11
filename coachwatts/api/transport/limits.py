"""How large a free-form document may be. Trusted documents were measured when they were written and skip this.

The walk expands fragments as the executor would, but stops at the first limit it meets: a document that would expand to
millions of fields costs no more than one that just fits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

MAX_DEPTH = 12
INTROSPECTION_DEPTH = 20  # deep by nature: the query of every tool asks for nine levels of ofType
MAX_ALIASES = 15
MAX_FIELDS = 2_000
MAX_DIRECTIVES = 50
MAX_REPORTED_ERRORS = 5

MAX_SOURCE_LENGTH = 16 * 1024
MAX_TOKENS = 4_000
MAX_COMMENTS = 200
MAX_DEFINITIONS = 60
MAX_OVERLAPS = 2_000
"""Pairs of fields with one response name, and of fragments side by side: graphql-core compares each pair, all the way down."""


class TooComplex(GraphQLError):
    """The message names the limit."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"The document has too many {what}: at most {limit} are allowed.", extensions={"code": "DOCUMENT_TOO_COMPLEX"})


def parse_within_limits(text: str) -> DocumentNode:
    """Raises GraphQLError."""
    return parse(text, max_source_length=MAX_SOURCE_LENGTH, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_COMMENTS)


def check_limits(document: DocumentNode) -> None:
    """Raises TooComplex."""
    if len(document.definitions) > MAX_DEFINITIONS:
        raise TooComplex("operations and fragments", MAX_DEFINITIONS)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    counts = _Counts()
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            counts.add_directives(node)
            _walk([node.selection_set], MAX_DEPTH, fragments, counts)
    # What no operation uses is still validated.
    for fragment in fragments.values():
        if fragment.name.value not in counts.spread:
            _walk([fragment.selection_set], MAX_DEPTH, fragments, counts)


@dataclass(slots=True)
class _Counts:
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    overlaps: int = 0
    spread: set[str] = field(default_factory=set)

    def add(self, node: SelectionNode) -> None:
        self.selections += 1
        if self.selections > MAX_FIELDS:
            raise TooComplex("fields", MAX_FIELDS)
        self.add_directives(node)
        if isinstance(node, FieldNode) and node.alias:
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                raise TooComplex("aliases", MAX_ALIASES)

    def add_directives(self, node: SelectionNode | OperationDefinitionNode) -> None:
        self.directives += len(node.directives or ())
        if self.directives > MAX_DIRECTIVES:
            raise TooComplex("directives", MAX_DIRECTIVES)

    def add_overlaps(self, alike: int) -> None:
        self.overlaps += alike * (alike - 1) // 2
        if self.overlaps > MAX_OVERLAPS:
            raise TooComplex("repetitions of one field", MAX_OVERLAPS)


def _walk(merged: list[SelectionSetNode], room: int, fragments: Mapping[str, FragmentDefinitionNode], counts: _Counts) -> None:
    """`merged`: every selection set that the executor would merge into one; `room`: levels that may still follow."""
    if not room:
        raise TooComplex("levels", MAX_DEPTH)
    alike: dict[str, list[FieldNode]] = defaultdict(list)
    for selection_set in merged:
        for node in _fields(selection_set, fragments, counts):
            alike[(node.alias or node.name).value].append(node)
    for nodes in alike.values():
        counts.add_overlaps(len(nodes))
        if inner := [node.selection_set for node in nodes if node.selection_set]:
            introspects = nodes[0].name.value.startswith("__")
            _walk(inner, INTROSPECTION_DEPTH if introspects else room - 1, fragments, counts)


def _fields(start: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], counts: _Counts) -> Iterator[FieldNode]:
    """The fields of one level, through fragments. A stack of our own: a long chain of fragments must not overflow Python's."""
    stack: list[tuple[SelectionSetNode, frozenset[str]]] = [(start, frozenset())]
    while stack:
        selection_set, inside = stack.pop()
        spreads = 0
        for node in selection_set.selections:
            counts.add(node)
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                spreads += 1
                counts.spread.add(name)
                if name in fragments and name not in inside:
                    stack.append((fragments[name].selection_set, inside | {name}))
            elif nested := getattr(node, "selection_set", None):
                stack.append((nested, inside))
        counts.add_overlaps(spreads)
