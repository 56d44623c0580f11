"""Errors of the database without the values of rows.

PostgreSQL's DETAIL quotes what a row held: `Key (lower(email))=(ada@example.org) already exists`, or the whole row after a failed
check. Such text ends up in logs and in job tables. It is taken off the error itself, before anybody can catch and print it.
What is left says which statement, which rule and which table.
"""

from collections.abc import Iterator
from typing import Any

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

DATA_EXCEPTION = "22"  # class of SQLSTATEs whose messages end in the value: invalid input syntax for type uuid: "…"


def make_discreet(engine: AsyncEngine) -> AsyncEngine:
    event.listen(engine.sync_engine, "handle_error", _leave_values_out)
    return engine


def _leave_values_out(context: ExceptionContext) -> None:
    wrapped = [error for error in (context.sqlalchemy_exception, context.original_exception) if error]
    for error in _causes(context.original_exception):
        if isinstance(error, PostgresError | InterfaceError):
            told, error.detail, error.args = str(error), None, (_without_value(error), *error.args[1:])
            for wrapper in wrapped:
                wrapper.args = tuple(_replaced(part, told, str(error)) for part in wrapper.args)


def _causes(error: BaseException | None) -> Iterator[Any]:
    while error:
        yield error
        error = error.__cause__


def _without_value(error: PostgresError | InterfaceError) -> str:
    message = str(error.args[0]) if error.args else ""
    quotes = not isinstance(error, PostgresError) or str(error.sqlstate).startswith(DATA_EXCEPTION)
    return message.partition(": ")[0] if quotes else message


def _replaced(part: Any, told: str, now: str) -> Any:
    return part.replace(told, now) if isinstance(part, str) else part
