"""The generated function behind a projection: rows in, JSON-ready dictionaries out, Irregular at the first surprise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import count
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_specified_scalar_type,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.types.field import StrawberryField

from coachwatts.api.scalars import SCALARS

Projection = Callable[[Sequence[Any], Any], list[Any]]


class Irregular(Exception):
    """A value is not what its type promises."""


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    attribute: str | None  # none: the name of the type
    type: GraphQLOutputType | None
    below: "Shape | None"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is read of an object. Two selections of one shape share their code."""

    parent: GraphQLObjectType
    required: bool
    fields: tuple[Field, ...]


def attribute_of(definition: GraphQLField | None) -> str | None:
    """The attribute that a field reads, if reading it is all it does and its type is a leaf or an object."""
    if definition is None or definition.args or not getattr(definition.resolve, "_is_default", False):
        return None
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField) or not field.is_basic_field or field.default_resolver is not getattr:
        return None
    inner = get_nullable_type(definition.type)
    return field.python_name if is_leaf_type(inner) or isinstance(inner, GraphQLObjectType) else None


# What a value of a built-in scalar looks like when graphql-core would hand it on unchanged.
_UNCHANGED = {
    "String": "type({v}) is str",
    "ID": "type({v}) is str",
    "Int": "type({v}) is int and -2147483648 <= {v} <= 2147483647",
    "Float": "type({v}) is float and {v} - {v} == 0.0",
    "Boolean": "type({v}) is bool",
}
_OURS = {
    id(SCALARS[datetime]): "type({v}) is datetime and {v}.tzinfo is not None",
    id(SCALARS[date]): "type({v}) is date",
}
_HARMLESS = frozenset({str, int, float, bool, datetime, date, UUID})  # neither exceptions nor awaitable


def compile_projection(shape: Shape) -> Projection:
    writer = _Writer()
    writer.line(0, "def project(rows, info):")
    writer.line(1, "made = []")
    writer.line(1, "for row in rows:")
    writer.value(2, "row", "item", shape)
    writer.line(2, "made.append(item)")
    writer.line(1, "return made")
    exec(compile("\n".join(writer.lines), "<projection>", "exec"), writer.names)  # noqa: S102 - of our own text; names from outside only through repr
    projection: Projection = writer.names["project"]
    return projection


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"refuse": _refuse, "surprising": _surprising, "coerce": _coerce, "datetime": datetime, "date": date}
        self._numbers = count()

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def name(self, thing: Any) -> str:
        name = f"n{next(self._numbers)}"
        self.names[name] = thing
        return name

    def variable(self) -> str:
        return f"v{next(self._numbers)}"

    def value(self, depth: int, source: str, target: str, shape: Shape) -> None:
        self.line(depth, f"if {source} is None:")
        self.line(depth + 1, "refuse()" if shape.required else f"{target} = None")
        self.line(depth, "else:")
        self.object(depth + 1, source, target, shape)

    def object(self, depth: int, source: str, target: str, shape: Shape) -> None:
        self.line(depth, f"if surprising({source}): refuse()")
        if shape.parent.is_type_of:
            self.line(depth, f"if {self.name(shape.parent.is_type_of)}({source}, info) is not True: refuse()")
        entries = []
        for field in shape.fields:
            if field.attribute is None or field.type is None:
                entries.append(f"{field.key!r}: {shape.parent.name!r}")
                continue
            read = self.variable()
            self.line(depth, f"{read} = {source}.{field.attribute}")
            if field.below:
                made = self.variable()
                self.value(depth, read, made, field.below)
                read = made
            else:
                self.leaf(depth, read, field.type)
            entries.append(f"{field.key!r}: {read}")
        self.line(depth, f"{target} = {{{', '.join(entries)}}}")

    def leaf(self, depth: int, variable: str, declared: GraphQLOutputType) -> None:
        inner = get_nullable_type(declared)
        self.line(depth, f"if {variable} is None:")
        self.line(depth + 1, "refuse()" if is_non_null_type(declared) else "pass")
        if isinstance(inner, GraphQLScalarType) and (unchanged := _unchanged(inner)):
            self.line(depth, f"elif {unchanged.format(v=variable)}: pass")
        elif isinstance(inner, GraphQLEnumType) and (members := _written(inner)):
            kind, names = self.name(inner.wrapped_cls), self.name(members)  # type: ignore[attr-defined]
            self.line(depth, f"elif type({variable}) is {kind}: {variable} = {names}[{variable}._value_]")
        self.line(depth, f"else: {variable} = coerce({self.name(inner)}, {variable})")


def _unchanged(scalar: GraphQLScalarType) -> str | None:
    if is_specified_scalar_type(scalar):
        return _UNCHANGED[scalar.name]
    return _OURS.get(id(scalar.extensions.get("strawberry-definition")))


def _written(enum: GraphQLEnumType) -> dict[Any, str]:
    """Values of the Python enum to the names of its members; by value, because members hash slowly. Empty when it is no plain enum."""
    python = getattr(enum, "wrapped_cls", None)
    if not (isinstance(python, type) and issubclass(python, Enum)):
        return {}
    return {member.value: enum.coerce_output_value(member) for member in python}


def _coerce(kind: GraphQLLeafType, value: Any) -> Any:
    if type(value) not in _HARMLESS and _surprising(value):
        raise Irregular
    coerced = kind.coerce_output_value(value)
    if coerced is None or coerced is Undefined:
        raise Irregular
    return coerced


def _surprising(value: Any) -> bool:
    return isinstance(value, Exception) or value is Undefined or optimized_is_awaitable(value)


def _refuse() -> None:
    raise Irregular
