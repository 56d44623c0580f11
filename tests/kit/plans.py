"""How PostgreSQL means to run the statements that a piece of code sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from coachwatts.db.session import ReadSession

Sent = list[tuple[str, Any]]


@contextmanager
def sent() -> Iterator[Sent]:
    """What goes to the database while the block runs, with its parameters."""
    seen: Sent = []

    def notice(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", notice)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", notice)


async def plans_of(session: ReadSession, statements: Sent) -> list[str]:
    """In the same transaction, so that row-level security takes part as it does in earnest."""
    connection = await session.connection()
    plans = []
    for statement, parameters in statements:
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", tuple(parameters))
        plans.append("\n".join(row[0] for row in rows))
    return plans
