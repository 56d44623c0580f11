"""Whoever reads the schema needs no other manual."""

from collections.abc import Iterator

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType

from coachwatts.api.schema import schema

OBVIOUS = {"input"}  # of a mutation: its type says it


def parts(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Everything in a type that has a name, with its description."""
    yield kind.name, kind.description
    match kind:
        case GraphQLObjectType() | GraphQLInterfaceType():
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                yield from ((f"{kind.name}.{name}({arg})", given.description) for arg, given in field.args.items() if arg not in OBVIOUS)
        case GraphQLInputObjectType():
            yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
        case GraphQLEnumType():
            yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())


def test_every_name_in_the_schema_says_what_it_is() -> None:
    types = [kind for kind in schema._schema.type_map.values() if not kind.name.startswith("__")]
    assert len(types) > 50
    assert [name for kind in types for name, description in parts(kind) if not description] == []
