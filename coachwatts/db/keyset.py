"""Pages that start where the last one ended: by value, not by number, so that rows which come and go shift nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

R = TypeVar("R")

Key = tuple[Any, ...]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of an order: the first or last `limit` of those behind `after` and before `before`."""

    limit: int
    after: Key | None = None
    before: Key | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: Sequence[R]  # in the order of the list, whichever end they were taken from
    more: bool  # there are further rows at the end that the window grows towards


@dataclass(frozen=True, slots=True)
class Keyset:
    """A total order: columns without nulls, all in one direction, the last of them unique. Wants an index on just these."""

    name: str  # goes into cursors, so that those of another list do not fit
    columns: tuple[Column, ...]
    descending: bool = True

    @property
    def types(self) -> tuple[type, ...]:
        return tuple(column.type.python_type for column in self.columns)

    def key_of(self, row: Any) -> Key:
        return tuple(getattr(row, str(column.key)) for column in self.columns)

    def limit(self, statement: Select[Any], window: Window) -> Select[Any]:
        """One row more than asked for is read: whether there are further ones needs no second query."""
        place = tuple_(*self.columns)
        if window.after is not None:
            bound = self._bound(window.after)
            statement = statement.where(place < bound if self.descending else place > bound)
        if window.before is not None:
            bound = self._bound(window.before)
            statement = statement.where(place > bound if self.descending else place < bound)
        falling = self.descending is not window.backward
        order = [column.desc() if falling else column.asc() for column in self.columns]
        return statement.order_by(*order).limit(window.limit + 1)

    def _bound(self, key: Key) -> Any:
        return tuple_(*(literal(value, column.type) for value, column in zip(key, self.columns, strict=True)))


def cut(rows: Sequence[R], window: Window) -> Page[R]:
    """From the rows that `Keyset.limit` read to the page that was asked for."""
    kept = list(rows[: window.limit])
    if window.backward:
        kept.reverse()
    return Page(kept, len(rows) > window.limit)
