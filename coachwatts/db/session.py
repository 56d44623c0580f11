"""Two kinds of session, so that writing through a reading one is a type error (and a database error)."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from coachwatts.db.bell import Bell, NoBell
from coachwatts.db.scope import Scope, as_setting

AfterCommit = Callable[[], Awaitable[None]]


class ReadSession(AsyncSession):
    """Belongs to a READ ONLY transaction."""

    async def see(self, scope: Scope, **settings: str) -> None:
        """From here to the end of the transaction, see what this scope sees. Only a service that has decided calls it."""
        chosen = {"app.accounts": as_setting(scope.accounts), "app.athletes": as_setting(scope.athletes), **settings}
        await self.execute(select(*(func.set_config(name, value, True) for name, value in chosen.items())))


class WriteSession(ReadSession):
    """Belongs to a transaction that `Database.write` commits. Services flush, they never commit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.after_commit: list[AfterCommit] = []
        """Runs once the commit is durable: bells for jobs, messages to subscribers. Dropped on rollback."""
        self.bell: Bell = NoBell()
