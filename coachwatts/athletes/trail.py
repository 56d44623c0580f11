"""Every change of an athlete's data leaves a line in the audit trail: who, from where, what was there before and after."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from coachwatts.db.session import WriteSession
from coachwatts.identity import audit
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.base import AthleteRow
from coachwatts.models.trust import ActingAs

KEYS_AND_TIMES = frozenset({"athlete_id", "id", "created_at", "updated_at"})

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something. Without a viewer it is the server itself, from what a provider said."""

    viewer: Viewer | None = None
    client: Client = Client()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Subject:
    """What was changed, and whose it is."""

    athlete_id: UUID
    entity: str
    key: object

    @classmethod
    def of(cls, row: AthleteRow) -> Self:
        return cls(row.athlete_id, row.__tablename__, row.id)


def facts(row: AthleteRow) -> Facts:
    """What a row says, without its keys and times."""
    names = (column.name for column in type(row).__table__.columns)
    return {name: getattr(row, name) for name in names if name not in KEYS_AND_TIMES}


def leave(
    session: WriteSession, author: Author, action: str, subject: Subject, *, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Only what differs is written down; when nothing does, nothing."""
    old, new = before or {}, after or {}
    differing = [name for name in old | new if old.get(name) != new.get(name)]
    if not differing:
        return
    audit.record(
        session,
        author.viewer,
        author.client,
        action,
        athlete_id=subject.athlete_id,
        acting_as=None if author.viewer else ActingAs.SYSTEM,
        entity=subject.entity,
        entity_id=subject.key,
        before={name: old[name] for name in differing if name in old} if before is not None else None,
        after={name: new[name] for name in differing if name in new} if after is not None else None,
    )
