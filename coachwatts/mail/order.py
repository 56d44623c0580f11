"""What is asked of the worker that sends mail: which letter, to whom, about what. Ids only; the job table holds no secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from coachwatts.mail.letters import Letter

KIND = "send_mail"


@dataclass(frozen=True, slots=True)
class Order:
    letter: Letter
    user_id: UUID
    link_id: UUID | None = None
    """The link that the letter carries. It also says to which address the letter goes."""
    session_id: UUID | None = None
    """The sign-in that the letter is about."""

    @property
    def payload(self) -> dict[str, str]:
        return {name: str(value) for name in self.__dataclass_fields__ if (value := getattr(self, name)) is not None}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        ids = {name: UUID(value) for name, value in payload.items() if name != "letter"}
        return cls(Letter(payload["letter"]), **ids)
