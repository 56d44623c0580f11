"""What a personal token may reach is declared, field by field; what is not declared is out of its reach."""

from typing import ClassVar

import pytest
import strawberry
from graphql import GraphQLField, GraphQLObjectType, OperationDefinitionNode, parse

from coachwatts.api.schema import schema
from coachwatts.api.transport.planning import NO_TOKEN, compile_operation
from coachwatts.identity.token_scopes import TokenScope

KNOWN = {*TokenScope, *NO_TOKEN}


def declaring() -> list[tuple[str, GraphQLField]]:
    """Each field of the real schema that has to say which scopes it needs."""
    core = schema._schema
    wanted = [core.query_type, core.mutation_type, core.subscription_type, core.type_map["User"]]
    types = [kind for kind in wanted if isinstance(kind, GraphQLObjectType)]
    return [(f"{kind.name}.{name}", field) for kind in types for name, field in kind.fields.items()]


@pytest.mark.parametrize(("name", "field"), declaring(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_field_says_which_scopes_it_needs(name: str, field: GraphQLField) -> None:
    metadata = field.extensions["strawberry-definition"].metadata
    assert "scopes" in metadata, f'{name}: declare metadata={{"scopes": (...)}}, or NO_TOKEN'
    assert set(metadata["scopes"]) <= KNOWN


def test_every_scope_opens_something() -> None:
    declared = {scope for _, field in declaring() for scope in field.extensions["strawberry-definition"].metadata.get("scopes", ())}
    assert declared >= {TokenScope.ACCOUNT_READ}


@strawberry.type
class Part:
    size: int

    @strawberry.field
    def whole(self) -> "Whole":
        return Whole()


@strawberry.type
class Whole:
    fields_say_scopes: ClassVar = True

    @strawberry.field(metadata={"scopes": ("account:read",)})
    def declared(self) -> Part:
        return Part(size=1)

    @strawberry.field
    def forgotten(self) -> int:
        return 1


@strawberry.type
class Query:
    @strawberry.field(metadata={"scopes": ()})
    def whole(self) -> Whole:
        return Whole()

    @strawberry.field
    def forgotten(self) -> Part:
        return Part(size=2)


SCRATCH = strawberry.Schema(query=Query)


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("{ whole { __typename } }", set()),
        ("{ whole { declared { size } } }", {"account:read"}),
        ("{ forgotten { size } }", set(NO_TOKEN)),
        ("{ whole { forgotten } }", set(NO_TOKEN)),
        ("{ whole { declared { whole { forgotten } } } }", {"account:read", *NO_TOKEN}),
        ("{ whole { declared { ... { whole { ... on Whole { x: forgotten } } } } } }", {"account:read", *NO_TOKEN}),
    ],
)
def test_what_nobody_declared_is_denied(text: str, scopes: set[str]) -> None:
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert compile_operation(SCRATCH._schema, operation, {})[1] == scopes
