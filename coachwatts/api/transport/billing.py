"""Takes the points of an operation before it runs and gives back what it did not use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from coachwatts import clock
from coachwatts.api.transport.cost import Cost, Selection, count_spent
from coachwatts.api.transport.ports import Balance, Purse
from coachwatts.api.transport.refusal import Formatted


@dataclass(slots=True)
class Bill:
    purse: Purse
    key: str
    plan: Selection
    variables: Mapping[str, Any]
    requested: int
    balance: Balance

    @classmethod
    async def open(cls, purse: Purse, key: str, plan: Selection, variables: Mapping[str, Any], cost: Cost) -> Self:
        """Raises RateLimited."""
        return cls(purse, key, plan, variables, cost.charge, await purse.take(key, cost.charge))

    async def settle(self, data: Any) -> Formatted:
        actual = self._spent(data)
        if actual < self.requested:
            self.balance = await self.purse.give_back(self.key, self.requested - actual)
        return self.statement | {"actual": actual}

    def _spent(self, data: Any) -> int:
        """Without data nobody knows how far it came: whoever adds a field that fails must not run the others for nothing."""
        if data is None or self.requested <= 1:
            return self.requested
        return min(self.requested, count_spent(self.plan, data, self.variables).charge)

    @property
    def statement(self) -> Formatted:
        reset_at = clock.now() + timedelta(seconds=self.balance.reset_s)
        return {"requested": self.requested, "remaining": self.balance.remaining, "resetAt": reset_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
