"""Parsed and validated documents, remembered by their text."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from coachwatts.api.transport.cost import Selection
from coachwatts.api.transport.limits import MAX_REPORTED_ERRORS, TooComplex, check_limits, parse_within_limits
from coachwatts.api.transport.masking import describe_rejection
from coachwatts.api.transport.planning import compile_operation
from coachwatts.api.transport.projector import Projections
from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

REMEMBERED_TEXT = 256 * 1024
"""Characters of free-form text. A parsed document takes some 130 bytes for each: at most 35 MB of strangers' documents."""

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_RULES_WITHOUT_INTROSPECTION = (*_RULES, NoSchemaIntrospectionCustomRule)


@dataclass(frozen=True, slots=True)
class Operation:
    name: str | None
    kind: OperationType
    document: DocumentNode
    plan: Selection
    scopes: frozenset[str]
    """What a personal token must be allowed to do to run this."""
    projections: Projections | None
    """Remembered across runs, unless directives make the selection depend on variables."""


@dataclass(frozen=True, slots=True)
class Document:
    operations: Sequence[Operation]

    def operation(self, name: str | None) -> Operation:
        found = [operation for operation in self.operations if name in {operation.name, None, ""}]
        if len(found) == 1:
            return found[0]
        message = f"There is no operation {name!r} in the document." if name else "Name one of the operations in 'operationName'."
        raise Refusal.of(Outcome.OPERATION, "OPERATION_RESOLUTION_FAILURE", message)


@dataclass(slots=True)
class Documents:
    """Trusted ones stay for good, free-form ones until others push them out; a document that was rejected is remembered too."""

    schema: GraphQLSchema
    introspection: bool
    explains: bool
    """Say what is wrong with a document in words that tell something about the schema."""

    _trusted: dict[str, Document | Refusal] = field(default_factory=dict)
    _free: "OrderedDict[str, Document | Refusal]" = field(default_factory=OrderedDict)
    _held: int = 0

    def get(self, text: str, *, trusted: bool) -> Document:
        """Raises Refusal."""
        found = self._trusted.get(text) if trusted else self._remembered(text)
        if found is None:
            found = self._prepare(text, trusted=trusted)
            self._remember(text, found, trusted=trusted)
        if isinstance(found, Refusal):
            raise Refusal(found.outcome, *found.errors)  # a raised exception collects tracebacks: never raise the kept one
        return found

    def _remembered(self, text: str) -> Document | Refusal | None:
        if text in self._free:
            self._free.move_to_end(text)
        return self._free.get(text)

    def _remember(self, text: str, found: Document | Refusal, *, trusted: bool) -> None:
        if trusted:
            self._trusted[text] = found
            return
        self._free[text] = found
        self._held += len(text)
        while self._held > REMEMBERED_TEXT:
            oldest, _ = self._free.popitem(last=False)
            self._held -= len(oldest)

    def _prepare(self, text: str, *, trusted: bool) -> Document | Refusal:
        try:
            document = parse(text) if trusted else parse_within_limits(text)
            if not trusted:
                check_limits(document)
        except TooComplex as error:
            return self._rejected(Outcome.VALIDATION, "GRAPHQL_VALIDATION_FAILED", [error])
        except GraphQLError as error:  # not only GraphQLSyntaxError: the parser's own limits are plain ones
            return self._rejected(Outcome.SYNTAX, "GRAPHQL_PARSE_FAILED", [error])
        rules = _RULES if self.introspection else _RULES_WITHOUT_INTROSPECTION
        errors = validate(self.schema, document, rules, max_errors=MAX_REPORTED_ERRORS - 1, hide_suggestions=not self.explains)
        if errors:
            return self._rejected(Outcome.VALIDATION, "GRAPHQL_VALIDATION_FAILED", errors)
        return _document(self.schema, document, fixed="@" not in text)

    def _rejected(self, outcome: Outcome, code: str, errors: Sequence[GraphQLError]) -> Refusal:
        return Refusal(outcome, *(describe_rejection(error, code, explains=self.explains) for error in errors))


def _document(schema: GraphQLSchema, document: DocumentNode, *, fixed: bool) -> Document:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            plan, scopes = compile_operation(schema, node, fragments)
            name = node.name.value if node.name else None
            operations.append(Operation(name, node.operation, document, plan, scopes, projections={} if fixed else None))
    return Document(operations)
