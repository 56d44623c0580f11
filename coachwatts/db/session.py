"""Two kinds of session, so that writing through a reading one is a type error (and a database error)."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

AfterCommit = Callable[[], Awaitable[None]]


class ReadSession(AsyncSession):
    """Belongs to a READ ONLY transaction."""


class WriteSession(ReadSession):
    """Belongs to a transaction that `Database.write` commits. Services flush, they never commit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.after_commit: list[AfterCommit] = []
        """Runs once the commit is durable: bells for jobs, messages to subscribers. Dropped on rollback."""
