"""Re-encryption while everything runs: what an older key sealed is sealed again with the first key of the ring.

Every batch is a short transaction of its own and takes only rows that nobody has locked: a writer waits for one batch at most,
meets no deadlock and loses no write. What is done carries the new key id, so a run that was killed goes on where it stopped.
Every process that opens secrets must know the new key before.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    RowMapping,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from coachwatts.db.encrypted import encrypted_columns, owner_column
from coachwatts.security.cipher import CannotOpen, KeyRing, Place, Sealed, header

BATCH = 500
PASSES = 5
PAUSE_S = 1.0  # between passes, for those who hold the rows that were left

Progress = Callable[[str, int], None]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rotated:
    table: str
    resealed: int
    """Rows with at least one value sealed anew."""
    unreadable: tuple[str, ...]
    """Places of values that no key of the ring opens. They stay as they are."""
    left: int
    """Rows that others held locked all the time. Run it again."""


async def rotate(engine: AsyncEngine, metadata: MetaData, ring: KeyRing, progress: Progress | None = None) -> list[Rotated]:
    """`engine` connects as the owner: row-level security would hide the rows from anybody else."""
    return [
        await _Rotation(engine, ring, table, columns, progress or (lambda _table, _rows: None)).run()
        for table, columns in encrypted_columns(metadata).items()
    ]


async def count_by_key(engine: AsyncEngine, metadata: MetaData) -> Counter[str]:
    """How many values each key id has sealed ("" for what is no sealed value). A key without any can be dropped."""
    counts: Counter[str] = Counter()
    async with engine.connect() as connection:
        for columns in encrypted_columns(metadata).values():
            for column in columns:
                raw = type_coerce(column, LargeBinary)
                name = func.encode(func.substring(raw, 3, func.get_byte(raw, 1)), "escape")
                key_id = case((func.octet_length(raw) > 2, name), else_="").label("key_id")
                found = await connection.execute(select(key_id, func.count()).where(column.is_not(None)).group_by(key_id))
                for key, number in found:
                    counts[key] += number
    return counts


class _Rotation:
    def __init__(self, engine: AsyncEngine, ring: KeyRing, table: Table, columns: Sequence[Column[Any]], progress: Progress) -> None:
        self._engine = engine
        self._ring = ring
        self._table = table
        self._columns = columns
        self._progress = progress
        self._key = tuple(table.primary_key.columns)
        self._owner = owner_column(table)
        self._resealed = 0
        self._unreadable: dict[Key, list[str]] = {}

    async def run(self) -> Rotated:
        left = 0
        for number in range(PASSES):
            await asyncio.sleep(PAUSE_S if number else 0)
            await self._pass()
            left = max(await self._count_old() - len(self._unreadable), 0)
            if not left:
                break
        places = [place for found in self._unreadable.values() for place in found]
        return Rotated(self._table.name, self._resealed, tuple(places), left)

    async def _pass(self) -> None:
        self._unreadable.clear()
        last: Key | None = None
        while rows := await self._batch(last):
            last = self._key_of(rows[-1])
            self._progress(self._table.name, self._resealed)

    async def _batch(self, after: Key | None) -> Sequence[RowMapping]:
        async with self._engine.begin() as connection:
            rows: Sequence[RowMapping] = (await connection.execute(self._old(after))).mappings().all()
            changes = [change for row in rows if (change := self._reseal(row))]
            if changes:
                await connection.execute(self._update(), changes)
        self._resealed += len(changes)
        return rows

    def _reseal(self, row: RowMapping) -> dict[str, Any] | None:
        """Parameters for the update; None when there is nothing that we could do for this row."""
        values, unreadable = {}, []
        for column in self._columns:
            place = Place(self._table.name, None if self._owner is None else row[self._owner], row["id"], column.name)
            try:
                values[column] = self._renew(row[column], place)
            except CannotOpen:
                values[column] = row[column]
                unreadable.append(str(place))
        key = self._key_of(row)
        if unreadable:
            self._unreadable[key] = unreadable
        if all(row[column] is value for column, value in values.items()):
            return None
        at = {f"at_{column.name}": part for column, part in zip(self._key, key, strict=True)}
        return at | {f"new_{column.name}": value for column, value in values.items()}

    def _renew(self, sealed: Sealed | None, place: Place) -> Sealed | None:
        if sealed is None or sealed.key_id == self._ring.primary:
            return sealed
        return self._ring.seal(self._ring.open(sealed, place), place)

    def _key_of(self, row: RowMapping) -> Key:
        return tuple(row[column] for column in self._key)

    def _old(self, after: Key | None) -> Select[Any]:
        """The next rows with an older key. The lock lets others read, and lets rows that point here come and go."""
        old = select(self._table).where(self._is_old()).order_by(*self._key).limit(BATCH)
        if after is not None:
            marks = (literal(part, column.type) for part, column in zip(after, self._key, strict=True))
            old = old.where(tuple_(*self._key) > tuple_(*marks))
        return old.with_for_update(key_share=True, skip_locked=True)

    def _is_old(self) -> ColumnElement[bool]:
        head = header(self._ring.primary)
        return or_(*(func.substring(type_coerce(column, LargeBinary), 1, len(head)) != head for column in self._columns))

    def _update(self) -> Update:
        here = and_(*(column == bindparam(f"at_{column.name}") for column in self._key))
        return update(self._table).where(here).values({column.name: bindparam(f"new_{column.name}") for column in self._columns})

    async def _count_old(self) -> int:
        async with self._engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(self._table).where(self._is_old())) or 0
