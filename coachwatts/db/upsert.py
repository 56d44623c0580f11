"""Many rows in one statement: insert what is new, update what changed, leave the rest untouched."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, or_
from sqlalchemy.dialects.postgresql import insert

from coachwatts.db.session import WriteSession

MAX_PARAMETERS = 32_767  # of one statement, in PostgreSQL's wire protocol


async def upsert(
    session: WriteSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Collection[str],
    keep: Collection[str] = ("id", "created_at"),
) -> list[UUID]:
    """Insert `rows`, or update those whose `key` exists, and return the ids of rows that really changed.

    Columns in `keep` retain their first value, so ids stay. Rows equal to what is stored are not rewritten: no dead
    tuples, no new `updated_at`, and the caller recomputes only what moved. All rows carry the same columns.
    """
    changed: list[UUID] = []
    if not rows:
        return changed
    filled_in = {column.name for column in table.columns if column.default is not None}
    step = MAX_PARAMETERS // len(filled_in | rows[0].keys())
    for start in range(0, len(rows), step):
        statement = _statement(table, rows[start : start + step], key, keep)
        changed.extend(await session.scalars(statement))
    return changed


def _statement(table: Table, rows: Sequence[Mapping[str, Any]], key: Collection[str], keep: Collection[str]) -> Any:
    statement = insert(table).values([dict(row) for row in rows])
    new = statement.excluded
    moving = [name for name in rows[0] if name not in key and name not in keep]
    if not moving:
        return statement.on_conflict_do_nothing(index_elements=list(key)).returning(table.c.id)
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: new[name] for name in moving},
        where=or_(*(table.c[name].is_distinct_from(new[name]) for name in moving)),
    ).returning(table.c.id)
