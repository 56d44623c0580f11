"""Compiles an operation into the plan that `cost` evaluates, and collects the scopes that its fields ask for.

A personal token reaches only what says that it may, with `metadata={"scopes": (...)}`; an empty tuple lets in every token. What
stands at the root of an operation has to say so itself, and so has each field of a type whose class sets `fields_say_scopes`.
Any other field belongs to the one that it hangs under, and may ask for more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from coachwatts.api.transport.cost import Argument, Page, Selection, Step

MUTATION_POINTS = 10
INTROSPECTION_POINTS = 10
LIST_ITEMS = 10
"""Assumed of a list that does not say how many items to expect."""

NO_TOKEN = ("session",)
"""Scopes of what is out of reach of tokens: none can have this one."""

Fragments = Mapping[str, FragmentDefinitionNode]


def compile_operation(schema: GraphQLSchema, node: OperationDefinitionNode, fragments: Fragments) -> tuple[Selection, frozenset[str]]:
    root = schema.get_root_type(node.operation)
    defaults = {v.variable.name.value: _number(v.default_value) for v in node.variable_definitions or ()}
    compiler = _Compiler(schema, fragments, defaults, mutates=root if node.operation is OperationType.MUTATION else None)
    plan = compiler.selection(node.selection_set, root)
    return plan, frozenset(compiler.scopes)


@dataclass(slots=True)
class _Compiler:
    schema: GraphQLSchema
    fragments: Fragments
    defaults: Mapping[str, int | None]
    mutates: GraphQLNamedType | None
    scopes: set[str] = field(default_factory=set)
    _named: dict[str, Selection] = field(default_factory=dict)

    def selection(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Selection:
        compiled = Selection()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                if step := self._step(node, parent):
                    compiled.steps.append(step)
            elif isinstance(node, FragmentSpreadNode):
                self._append(compiled, self._fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                self._append(compiled, self.selection(node.selection_set, inner))
        return compiled

    def _append(self, selection: Selection, part: Selection) -> None:
        if part.steps or part.parts:
            selection.parts.append(part)

    def _fragment(self, name: str) -> Selection:
        if name not in self._named:
            node = self.fragments[name]
            self._named[name] = self.selection(node.selection_set, self.schema.get_type(node.type_condition.name.value))
        return self._named[name]

    def _step(self, node: FieldNode, parent: GraphQLNamedType | None) -> Step | None:
        key = (node.alias or node.name).value
        if node.name.value.startswith("__"):
            return Step(key, INTROSPECTION_POINTS) if node.selection_set else None
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        definition = parent.fields[node.name.value]
        hints = _hints(definition)
        self.scopes.update(hints.get("scopes", NO_TOKEN if self._wants_scopes(parent) else ()))
        below = self.selection(node.selection_set, get_named_type(definition.type)) if node.selection_set else None
        if below and not (below.steps or below.parts):
            below = None
        step = Step(key, hints.get("cost", self._points(definition, parent)), below=below)
        if "first" in definition.args:
            step.page = Page(self._argument(node, "first"), self._argument(node, "last"))
        elif parent.name.endswith("Connection") and node.name.value in {"edges", "nodes"}:
            step.in_page = True
        elif "each" in hints:
            step.each = self._argument(node, hints["each"])
        elif is_list_type(get_nullable_type(definition.type)):
            step.items = hints.get("items", LIST_ITEMS)
        return step if step.points or step.page or step.below else None

    def _wants_scopes(self, parent: GraphQLNamedType) -> bool:
        origin = getattr(parent.extensions.get("strawberry-definition"), "origin", None)
        roots = (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
        return parent in roots or getattr(origin, "fields_say_scopes", False)

    def _points(self, definition: GraphQLField, parent: GraphQLNamedType) -> int:
        if parent is self.mutates:
            return MUTATION_POINTS
        fetches = not getattr(definition.resolve, "_is_default", False)
        return int(fetches and not is_leaf_type(get_named_type(definition.type)))

    def _argument(self, node: FieldNode, name: str) -> Argument:
        for argument in node.arguments or ():
            if argument.name.value == name:
                if isinstance(argument.value, VariableNode):
                    variable = argument.value.name.value
                    return Argument(self.defaults.get(variable), variable)
                return Argument(_number(argument.value))
        return Argument()


def _number(node: ValueNode | None) -> int | None:
    if isinstance(node, ListValueNode):
        return len(node.values)
    return int(node.value) if isinstance(node, IntValueNode) else None


def _hints(definition: GraphQLField) -> Mapping[str, Any]:
    return getattr(definition.extensions.get("strawberry-definition"), "metadata", None) or {}
