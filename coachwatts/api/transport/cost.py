"""What an operation may cost, known before it runs and settled after.

    nodes    objects that its pages can hold: every page size times the objects it hangs below     at most 10,000
    points   one for each time a field has to fetch something, and one for ten nodes               at most 1,000

A field says otherwise with `metadata={"cost": points}`; a list that is not a connection says how many items to expect with
`metadata={"items": n}`, or with `metadata={"each": "ids"}` that it fetches, and answers, one for each in that argument.
Connections need `first` or `last`, at most 100. After the run the real lengths are counted and what was not used is given back.

The document is compiled once into a plan; only page sizes that come from variables are looked up per request. Fragments are
shared in the plan and evaluated once per page size they stand in, so cost is linear in the text, not in its expansion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome
from coachwatts.errors import ErrorCode, InvalidInput

MAX_PAGE = 100
MAX_NODES = 10_000
MAX_POINTS = 1_000
NODES_PER_POINT = 10


@dataclass(frozen=True, slots=True)
class Argument:
    """A number, a variable, or nothing. A list counts as its length."""

    value: int | None = None
    variable: str | None = None

    def resolve(self, variables: Mapping[str, Any]) -> int | None:
        found = variables.get(self.variable, self.value) if self.variable else self.value
        if isinstance(found, list):
            return len(found)
        return found if isinstance(found, int) else None


@dataclass(frozen=True, slots=True)
class Page:
    """The arguments of a connection."""

    first: Argument
    last: Argument

    def size(self, path: str, variables: Mapping[str, Any]) -> int:
        try:
            return page_size(self.first.resolve(variables), self.last.resolve(variables))
        except InvalidInput as wrong:
            raise Refusal.of(Outcome.VALIDATION, "BAD_USER_INPUT", f"{path}: {wrong}") from None


def page_size(first: int | None, last: int | None) -> int:
    """Raises InvalidInput."""
    if (first is None) == (last is None):
        raise InvalidInput.of("first", "Give either 'first' or 'last'.", ErrorCode.REQUIRED)
    name, size = ("first", first) if first is not None else ("last", last)
    if size is None or not 0 <= size <= MAX_PAGE:
        raise InvalidInput.of(name, f"'{name}' must be between 0 and {MAX_PAGE}.", ErrorCode.OUT_OF_RANGE)
    return size


@dataclass(slots=True)
class Step:
    """One field that costs something, or below which something does."""

    key: str
    points: int
    page: Page | None = None
    items: int = 1
    in_page: bool = False
    """`edges` or `nodes` of a connection: as many items as the page has."""
    each: Argument | None = None
    """The list whose every entry is fetched for itself."""
    below: "Selection | None" = None

    def fetches(self, variables: Mapping[str, Any]) -> int:
        length = self.each.resolve(variables) if self.each else None
        return 1 if length is None else length  # GraphQL takes a single value for a list of one


@dataclass(slots=True)
class Selection:
    steps: list[Step] = field(default_factory=list)
    parts: list["Selection"] = field(default_factory=list)
    """Fragments and inline fragments; a named fragment is one object however often it is spread."""


@dataclass(frozen=True, slots=True)
class Cost:
    points: float = 0
    nodes: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.points + other.points, self.nodes + other.nodes)

    def __mul__(self, times: int) -> "Cost":
        return Cost(self.points * times, self.nodes * times)

    @property
    def charge(self) -> int:
        return max(1, ceil(self.points + self.nodes / NODES_PER_POINT))


def check_cost(plan: Selection, variables: Mapping[str, Any]) -> Cost:
    """Raises Refusal when a page is too large or has no size, or the whole is too much."""
    cost = _evaluate(plan, variables, 1, {}, "")
    if cost.nodes > MAX_NODES:
        raise _too_expensive(f"It asks for up to {cost.nodes:,} objects; at most {MAX_NODES:,} are allowed. Ask for smaller pages.")
    if cost.charge > MAX_POINTS:
        raise _too_expensive(f"It costs {cost.charge:,} points; at most {MAX_POINTS:,} are allowed. Ask for smaller pages or fewer fields.")
    return cost


def _evaluate(plan: Selection, variables: Mapping[str, Any], page: int, memo: dict[tuple[int, int], Cost], path: str) -> Cost:
    known = memo.get((id(plan), page))
    if known is not None:
        return known
    total = Cost()
    for part in plan.parts:
        total += _evaluate(part, variables, page, memo, path)
    for step in plan.steps:
        here = f"{path}.{step.key}" if path else step.key
        size = step.page.size(here, variables) if step.page else 1
        below = _evaluate(step.below, variables, size, memo, here) if step.below else Cost()
        times = step.fetches(variables)
        total += Cost(step.points * times, size if step.page else 0) + below * (page if step.in_page else step.items * times)
    memo[id(plan), page] = total
    return total


def count_spent(plan: Selection, data: Any, variables: Mapping[str, Any]) -> Cost:
    """What the answer really held. Only fields of the plan are looked at, so plain lists of scalars cost nothing to count."""
    if isinstance(data, list):
        return sum((count_spent(plan, item, variables) for item in data), Cost())
    if not isinstance(data, dict):
        return Cost()
    total = sum((count_spent(part, data, variables) for part in plan.parts), Cost())
    for step in plan.steps:
        if step.key not in data:
            continue
        value = data[step.key]
        total += Cost(step.points * step.fetches(variables), _length(step, value, variables) if step.page else 0)
        if step.below:
            total += count_spent(step.below, value, variables)
    return total


def _length(step: Step, connection: Any, variables: Mapping[str, Any]) -> int:
    if not isinstance(connection, dict) or not step.page:
        return 0
    lists = [value for value in connection.values() if isinstance(value, list)]
    return len(lists[0]) if lists else step.page.size(step.key, variables)


def _too_expensive(message: str) -> Refusal:
    return Refusal.of(Outcome.VALIDATION, "OPERATION_TOO_EXPENSIVE", message)
