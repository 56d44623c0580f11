"""The domain's enums as the schema shows them: the values belong to the domain, the words about them to the API."""

from enum import Enum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=Enum)


def describe(enum: type[E], description: str, /, **values: str) -> type[E]:
    """Every value needs its words; one without them stops the start."""
    if missing := set(enum.__members__) ^ set(values):
        raise ValueError(f"{enum.__name__}: describe exactly its values; wrong or missing: {sorted(missing)}")
    described = strawberry.enum(enum, description=description)
    definition: Any = described.__strawberry_definition__  # type: ignore[attr-defined]  # set by the line above
    for value in definition.values:
        value.description = values[value.name]
    return described
