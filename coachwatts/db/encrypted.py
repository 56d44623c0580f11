"""A column that holds sealed values and nothing else."""

from typing import Any

from sqlalchemy import Column, Dialect, LargeBinary, MetaData, Table, inspect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

from coachwatts.security.cipher import Place, Sealed

OWNERS = ("athlete_id", "user_id")


class PlaintextRefused(DontWrapMixin, TypeError):
    """Not wrapped: SQLAlchemy's own error would print the parameters, the secret among them."""

    def __init__(self) -> None:
        super().__init__("an encrypted column takes only what KeyRing.seal() returned")


class Encrypted(TypeDecorator[Sealed]):
    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise PlaintextRefused
        return value.data

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else Sealed(value)


def encrypted_columns(metadata: MetaData) -> dict[Table, list[Column[Any]]]:
    found = {table: [column for column in table.c if isinstance(column.type, Encrypted)] for table in metadata.sorted_tables}
    return {table: columns for table, columns in found.items() if columns}


def owner_column(table: Table) -> Column[Any] | None:
    """Whose a row is, for its place. Changing it makes the row's secrets unreadable, as it should."""
    return next((table.c[name] for name in OWNERS if name in table.c), None)


def place_of(row: Any, column: str) -> Place:
    """The place of a mapped row's secret. Give a new row its id before sealing; the default comes too late, at the flush."""
    if row.id is None:
        raise ValueError(f"a new {type(row).__name__} needs id=new_id() before its {column} can be sealed")
    table = inspect(type(row)).local_table
    owner = owner_column(table)
    return Place(table.name, getattr(row, owner.name) if owner is not None else None, row.id, column)
