"""Who is asking. Everything that a request may do follows from this and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.errors import ErrorCode, NotAllowed
from coachwatts.models.trust import ActingAs
from coachwatts.models.user import Capability

FRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, for the device list and the audit trail."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    user_id: UUID
    email: str
    email_verified_at: datetime | None
    name: str
    capabilities: frozenset[Capability]
    timezone: str
    locale: str
    units: str
    week_starts_on: int
    session_id: UUID | None
    access_token_id: UUID | None
    scopes: frozenset[str] | None  # none: a session, which may do everything its person may
    confirmed_at: datetime | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            **{name: row[name] for name in cls.__dataclass_fields__ if name not in {"capabilities", "scopes"}},
            capabilities=frozenset(map(Capability, row["capabilities"])),
            scopes=None if row["scopes"] is None else frozenset(row["scopes"]),
        )

    @property
    def scope(self) -> Scope:
        return Scope.own(self.user_id)

    @property
    def acting_as(self) -> ActingAs | None:
        return ActingAs.TOKEN if self.access_token_id else None

    def is_admin(self) -> bool:
        return Capability.ADMIN in self.capabilities

    def require_session(self) -> UUID:
        """Sign-in itself is never changed by a script."""
        if self.session_id is None:
            raise NotAllowed("A personal token cannot do this. Sign in with your password.")
        return self.session_id

    def require_fresh(self) -> None:
        """Delicate changes want the password to have been given just now."""
        self.require_session()
        if self.confirmed_at is None or clock.now() - self.confirmed_at > FRESH:
            raise NotAllowed("Confirm your password first, then repeat this.", code=ErrorCode.CONFIRMATION_REQUIRED)
