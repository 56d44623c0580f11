"""A plausible row for any table, made from its columns: so that a new table is under the isolation tests by being there."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, Numeric, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from coachwatts.db.encrypted import Encrypted
from coachwatts.models.base import owners_of


async def person(owner: asyncpg.Connection) -> UUID:
    user_id = uuid4()
    await owner.execute("INSERT INTO user_account (id, email, name) VALUES ($1, $2, '')", user_id, f"{user_id.hex}@example.org")
    return user_id


async def some_row(owner: asyncpg.Connection, table: Table, owner_id: UUID, column: str | None = None) -> None:
    """`column` says whose it is, where the table has no owner."""
    values = {column.name: _value(table, column) for column in table.columns if _is_needed(column)}
    values |= {"id": uuid4(), column or owners_of(table)[0]: owner_id}
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await owner.execute(f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({marks})", *values.values())  # noqa: S608 - our names


def _is_needed(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _value(table: Table, column: Column[Any]) -> Any:
    if allowed := _first_choice(table, column):
        return allowed
    kind = column.type
    for types, value in (
        (Uuid, uuid4()),
        (DateTime, datetime.now(UTC)),
        (Date, date(2026, 1, 1)),
        (Boolean, False),
        (ARRAY, []),
        (JSONB, "{}"),
        ((Integer, Numeric, Float), 1),
        ((LargeBinary, Encrypted), uuid4().bytes * 2),
    ):
        if isinstance(kind, types):
            return value
    return uuid4().hex[: getattr(kind, "length", None) or 32]


def _first_choice(table: Table, column: Column[Any]) -> str | None:
    """The first value that a check constraint names."""
    for constraint in table.constraints:
        text = str(getattr(constraint, "sqltext", ""))
        if text.startswith(f"{column.name} IN ("):
            return text.split("'")[1]
    return None
