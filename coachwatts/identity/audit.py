"""The trail: who did what, to whom, when, from where. Written in the transaction of the deed, so neither exists without the other."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from coachwatts.db.session import WriteSession
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import ActingAs, AuditEvent

HIDDEN = frozenset(
    {"password", "password_hash", "token", "token_hash", "secret", "code", "code_hash", "access_token", "refresh_token", "id_token"}
)


def record(
    session: WriteSession,
    viewer: Viewer | None,
    client: Client,
    action: str,
    *,
    athlete_id: UUID | None = None,
    acting_as: ActingAs | None = None,
    entity: str | None = None,
    entity_id: object = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """`action` reads like `password.changed`. `athlete_id`: whose data it concerns; by default the actor's own."""
    actor_id = viewer.user_id if viewer else None
    session.add(
        AuditEvent(
            actor_id=actor_id,
            acting_as=acting_as or (viewer.acting_as if viewer else None),
            athlete_id=athlete_id or actor_id,
            action=action,
            entity=entity,
            entity_id=None if entity_id is None else str(entity_id),
            before=_without_secrets(before),
            after=_without_secrets(after),
            reason=reason,
            ip=client.ip,
            request_id=client.request_id,
        )
    )
    if concerned := athlete_id or actor_id:
        session.after_commit.append(partial(session.bell.tell, account_topic(concerned)))


def account_topic(user_id: UUID) -> str:
    """Rings when something was written about this person; subscribers read what it was."""
    return f"account:{user_id.hex}"


def _without_secrets(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {name: _plain(value) for name, value in values.items() if name not in HIDDEN}


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return _without_secrets(value)
        case list() | tuple() | set() | frozenset():
            return [_plain(part) for part in value]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)
