"""Whose rows a transaction may see. The service decides; row-level security makes sure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """Two sets of user ids: whose account rows and whose athlete rows are visible. Empty sees nothing."""

    accounts: frozenset[UUID] = frozenset()
    athletes: frozenset[UUID] = frozenset()

    @classmethod
    def nobody(cls) -> Self:
        return cls()

    @classmethod
    def own(cls, user_id: UUID) -> Self:
        """A person's own account and own athlete data."""
        return cls(frozenset({user_id}), frozenset({user_id}))

    def with_athletes(self, ids: Iterable[UUID]) -> Self:
        return type(self)(self.accounts, self.athletes | frozenset(ids))

    def with_accounts(self, ids: Iterable[UUID]) -> Self:
        return type(self)(self.accounts | frozenset(ids), self.athletes)


def as_setting(ids: frozenset[UUID]) -> str:
    return ",".join(map(str, sorted(ids)))
