"""The port through which a commit tells the workers that jobs are due."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class Bell(Protocol):
    """Only a hint, and best effort: workers also look at the table. Raises nothing."""

    async def ring(self, jobs: Sequence[UUID]) -> None: ...


class NoBell:
    async def ring(self, jobs: Sequence[UUID]) -> None:
        pass
