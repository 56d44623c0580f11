"""Counts what goes to PostgreSQL: a document has a budget, and a new N+1 breaks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

HOUSEKEEPING = "SELECT set_config("  # the scope of a transaction; travels with BEGIN and COMMIT


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of all engines of this process while the block runs."""
    seen: list[str] = []

    def notice(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(HOUSEKEEPING):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", notice)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", notice)
