"""What was accepted but is worth a second look: beside the result, where errors would stand in its place."""

from typing import Self

import strawberry
from strawberry.utils.str_converters import to_camel_case


@strawberry.type(description="Something in the input that was accepted but is worth a second look.")
class InputWarning:
    field: list[str] = strawberry.field(description="Path in the input.")
    message: str = strawberry.field(description="A sentence for a person.")

    @classmethod
    def about(cls, field: str, message: str) -> Self:
        return cls(field=[to_camel_case(field)], message=message)
