"""`docs/domain.toml` says what every field is and whether the API reads or writes it; here it meets the tables and the schema.

A column that the page does not know fails, and so does a line without a column; a field of the API that nobody declared, and a
declared one that the API does not have.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType, GraphQLObjectType, get_named_type
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Double, Integer, LargeBinary, Numeric, SmallInteger, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.utils.str_converters import to_camel_case

from coachwatts.api.schema import schema
from coachwatts.db.encrypted import Encrypted
from coachwatts.models import Base
from coachwatts.models.base import TableClass, tables_of

DOMAIN: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "docs" / "domain.toml").read_text())
BEYOND: dict[str, list[str]] = DOMAIN.pop("beyond")
ENTITIES = sorted(DOMAIN)
TYPES = schema._schema.type_map
KINDS: tuple[tuple[type, str], ...] = (
    (Encrypted, "sealed"),
    (Uuid, "uuid"),
    (DateTime, "moment"),
    (Date, "day"),
    (Boolean, "yes or no"),
    (SmallInteger, "small number"),
    (Integer, "number"),
    (Double, "fraction"),
    (Numeric, "decimal"),
    (LargeBinary, "bytes"),
    (JSONB, "json"),
    (String, "text"),
)

SCALARS = {
    "moment": "DateTime",
    "day": "Date",
    "yes or no": "Boolean",
    "small number": "Int",
    "number": "Int",
    "fraction": "Float",
    "decimal": "Float",
}


def kind_of(column: Column[Any]) -> str:
    kind = column.type
    if isinstance(kind, ARRAY):
        words = "texts"
    else:
        words = next(word for known, word in KINDS if isinstance(kind, known))
        words += f"({length})" if isinstance(kind, String) and (length := kind.length) else ""
    return words + ("?" if column.nullable else "")


def fields_of(*types: str) -> dict[str, set[str]]:
    """The fields of these types of the schema, and which of the types have each."""
    found: dict[str, set[str]] = {}
    for name in types:
        kind = TYPES[name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType), name
        for field in kind.fields:
            found.setdefault(field, set()).add(name)
    return found


def called(column: str, field: dict[str, Any]) -> list[str]:
    """A column's names in the API."""
    return list(field.get("as", [to_camel_case(column)]))


def outcomes(entity: dict[str, Any], fields: list[str]) -> list[GraphQLNamedType]:
    """What the types that show an entity give for fields of these names."""
    types = [kind for name in entity.get("shown_as", []) if isinstance(kind := TYPES[name], GraphQLObjectType)]
    return [get_named_type(kind.fields[field].type) for kind in types for field in fields if field in kind.fields]


def names(entity: dict[str, Any], *wanted: str) -> Iterator[str]:
    """The API's names of those fields of an entity that are read, written, or never shown."""
    for column, field in entity["fields"].items():
        if field["api"] in wanted:
            yield from called(column, field)


def test_every_table_is_on_the_page_and_every_entity_has_its_table() -> None:
    assert set(DOMAIN) == set(Base.metadata.tables)


@pytest.mark.parametrize("name", ENTITIES)
def test_fields_are_the_columns_of_the_table(name: str) -> None:
    table = Base.metadata.tables[name]
    assert {column: field["type"] for column, field in DOMAIN[name]["fields"].items()} == {c.name: kind_of(c) for c in table.columns}


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_is_of_the_class_of_its_table(name: str) -> None:
    table: Table = Base.metadata.tables[name]
    assert table in tables_of(TableClass(DOMAIN[name]["class"]))


@pytest.mark.parametrize("name", ENTITIES)
def test_what_is_read_is_shown_and_what_is_shown_is_declared(name: str) -> None:
    entity = DOMAIN[name]
    shown = set(fields_of(*entity.get("shown_as", [])))
    assert set(names(entity, "read", "write")) | set(entity.get("derived", [])) == shown


@pytest.mark.parametrize("name", ENTITIES)
def test_what_is_written_can_be_entered_and_what_can_be_entered_is_declared(name: str) -> None:
    entity = DOMAIN[name]
    entered = set(fields_of(*entity.get("entered_as", [])))
    assert set(names(entity, "write")) | set(entity.get("asked", [])) == entered


@pytest.mark.parametrize("name", ENTITIES)
def test_figures_and_times_keep_their_kind_on_the_way_out(name: str) -> None:
    for column, field in DOMAIN[name]["fields"].items():
        scalar = SCALARS.get(field["type"].rstrip("?"))
        for kind in outcomes(DOMAIN[name], called(column, field)) if scalar else []:
            assert kind.name == scalar or isinstance(kind, GraphQLEnumType), column


@pytest.mark.parametrize("name", ENTITIES)
def test_what_is_never_shown_has_no_field(name: str) -> None:
    entity = DOMAIN[name]
    anywhere = fields_of(*entity.get("shown_as", []), *entity.get("entered_as", []))
    assert set(names(entity, "never")) & set(anywhere) - set(entity.get("asked", [])) - set(entity.get("derived", [])) == set()


def test_secrets_and_their_hashes_are_never_shown() -> None:
    shown = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted | LargeBinary) or "hash" in column.name
        if DOMAIN[table.name]["fields"][column.name]["api"] != "never"
    ]
    assert shown == []


def test_every_type_of_the_api_belongs_to_an_entity_or_is_declared_beyond_them() -> None:
    outputs = {name for name, kind in TYPES.items() if isinstance(kind, GraphQLObjectType) and not name.startswith("__")}
    made = {name for name in outputs if name.endswith(("Payload", "Connection", "Edge"))} | {"Query", "Mutation", "Subscription"}
    shown = {name for entity in DOMAIN.values() for name in entity.get("shown_as", [])}
    assert outputs - made == shown | set(BEYOND["types"])
    inputs = {name for name, kind in TYPES.items() if isinstance(kind, GraphQLInputObjectType)}
    entered = {name for entity in DOMAIN.values() for name in entity.get("entered_as", [])}
    assert inputs == entered | set(BEYOND["inputs"])
