"""May this person look at that athlete, and at what? Asked first, answered the same for 'not yours' and 'not there'."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.identity import audit
from coachwatts.identity.repository import people, relationships
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import ActingAs, Area
from coachwatts.models.user import Capability, UserAccount

EVERYTHING = frozenset(Area)


@dataclass(frozen=True, slots=True)
class Look:
    athlete_id: UUID
    reason: str | None = None

    @classmethod
    def because(cls, athlete_id: UUID, reason: str | None) -> Self:
        """Raises InvalidInput."""
        if reason is not None:
            checks = Checks()
            reason = checks.text("reason", reason, least=10, most=500)
            checks.done()
        return cls(athlete_id, reason)


@dataclass(frozen=True, slots=True)
class Sight:
    """What of an athlete may be seen. `account` carries the name; the areas, the data."""

    account: UserAccount
    areas: frozenset[Area]


@dataclass(frozen=True, slots=True)
class Right:
    areas: frozenset[Area]
    acting_as: ActingAs


async def look_at(session: WriteSession, viewer: Viewer, client: Client, looks: Collection[Look]) -> Mapping[Look, Sight]:
    """Looks at other people that find nothing are left out. Each of the others is written down in the same transaction."""
    granted = await relationships.granted(session, viewer.user_id, {look.athlete_id for look in looks}) if _coaches(viewer) else {}
    rights = {look: right for look in looks if (right := _right(viewer, look, granted.get(look.athlete_id)))}
    if not rights:
        return {}
    athletes = {look.athlete_id for look in rights}
    await session.see(viewer.scope.with_accounts(athletes))
    accounts = await people.by_ids(session, list(athletes))
    seen: dict[Look, Sight] = {}
    for look, right in rights.items():
        account = accounts.get(look.athlete_id)
        if account and account.is_active and account.deleted_at is None:
            seen[look] = Sight(account, right.areas)
            _note(session, viewer, client, look, right)
    return seen


def _coaches(viewer: Viewer) -> bool:
    return Capability.COACH in viewer.capabilities


def _right(viewer: Viewer, look: Look, granted: Sequence[str] | None) -> Right | None:
    """An administrator manages accounts; health data wants a reason, which the athlete can read. Never by a personal token."""
    as_admin = viewer.is_admin() and viewer.session_id is not None
    if as_admin and look.reason:
        return Right(EVERYTHING, ActingAs.ADMIN)
    if granted is not None:
        return Right(frozenset(map(Area, granted)), ActingAs.COACH)
    return Right(frozenset(), ActingAs.ADMIN) if as_admin else None


def _note(session: WriteSession, viewer: Viewer, client: Client, look: Look, right: Right) -> None:
    audit.record(
        session,
        viewer,
        client,
        "athlete.read",
        athlete_id=look.athlete_id,
        acting_as=right.acting_as,
        reason=look.reason if right.acting_as is ActingAs.ADMIN else None,
        after={"areas": sorted(right.areas)},
    )
