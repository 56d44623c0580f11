"""May this person look at that athlete, and at what? Asked first, answered the same for 'not yours' and 'not there'."""

from dataclasses import dataclass
from uuid import UUID

from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import NotAllowed
from coachwatts.identity import audit
from coachwatts.identity.repository import people, relationships
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Area
from coachwatts.models.user import UserAccount

EVERYTHING = frozenset(Area)


@dataclass(frozen=True, slots=True)
class Sight:
    """What of an athlete may be seen. `account` carries the name; the areas, the data."""

    account: UserAccount
    areas: frozenset[Area]


async def look_at(session: WriteSession, viewer: Viewer, client: Client, athlete_id: UUID, reason: str | None) -> Sight | None:
    """None: nothing to see. Each look at another person is written down in the same transaction."""
    if athlete_id == viewer.user_id:
        account = await people.by_id(session, athlete_id)
        return Sight(account, EVERYTHING) if account else None
    relationship = await relationships.active(session, viewer.user_id, athlete_id)
    if relationship:
        areas, acting_as = frozenset(map(Area, relationship.areas)), "COACH"
    elif viewer.is_admin():
        areas, acting_as = _admin_areas(viewer, reason), "ADMIN"
    else:
        return None
    await session.see(viewer.scope.with_accounts({athlete_id}))
    account = await people.by_id(session, athlete_id)
    if account is None or account.deleted_at or not account.is_active:
        return None
    audit.record(
        session,
        viewer,
        client,
        "athlete.read",
        athlete_id=athlete_id,
        acting_as=acting_as,
        reason=reason,
        after={"areas": sorted(areas)},
    )
    return Sight(account, areas)


def _admin_areas(viewer: Viewer, reason: str | None) -> frozenset[Area]:
    """An administrator manages accounts. Health data wants a reason, which the athlete can read."""
    if reason is None:
        return frozenset()
    if viewer.access_token_id:
        raise NotAllowed("A personal token cannot look at another person's data as administrator.")
    checks = Checks()
    checks.text("reason", reason, least=10, most=500)
    checks.done()
    return EVERYTHING
