"""The port through which a commit tells workers that jobs are due, and subscribers that there is news."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class Bell(Protocol):
    """Only a hint, and best effort: workers also look at the table. Raises nothing."""

    async def ring(self, jobs: Sequence[UUID]) -> None: ...

    async def tell(self, topic: str) -> None: ...


class NoBell:
    async def ring(self, jobs: Sequence[UUID]) -> None:
        pass

    async def tell(self, topic: str) -> None:
        pass
