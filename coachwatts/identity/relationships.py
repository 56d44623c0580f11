"""Coaching relationships that stand: the athlete grants areas and resumes; either may pause and end."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import Conflict, ErrorCode, InvalidInput, NotAllowed, NotFound
from coachwatts.identity import audit
from coachwatts.identity.repository import relationships as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import ActingAs, Area, CoachingRelationship, RelationshipStatus


async def grant_areas(
    session: WriteSession, viewer: Viewer, client: Client, relationship_id: UUID, areas: Collection[Area]
) -> CoachingRelationship:
    row = await _own(session, viewer, relationship_id)
    if row.athlete_id != viewer.user_id:
        raise NotAllowed("Only the athlete decides what a coach sees.", field="areas")
    if row.status == RelationshipStatus.ENDED:
        raise _ended()
    before, row.areas = row.areas, checked_areas(areas)
    note(session, viewer, client, "coaching.areas_changed", row, before={"areas": before}, after={"areas": row.areas})
    return row


async def move(
    session: WriteSession, viewer: Viewer, client: Client, relationship_id: UUID, to: RelationshipStatus
) -> CoachingRelationship:
    """Pause, resume or end. What has ended stays ended. Asking for what is already so changes nothing."""
    row = await _own(session, viewer, relationship_id)
    before = RelationshipStatus(row.status)
    if before is to:
        return row
    _require_way(viewer, row, before, to)
    row.status = to
    if to is RelationshipStatus.ENDED:
        row.ended_at, row.invite_token_hash, row.invite_expires_at = clock.now(), None, None
    note(session, viewer, client, f"coaching.{to.lower()}", row, before={"status": before}, after={"status": to})
    return row


def _require_way(viewer: Viewer, row: CoachingRelationship, before: RelationshipStatus, to: RelationshipStatus) -> None:
    if to is RelationshipStatus.INVITED:
        raise InvalidInput.of("status", "Nothing becomes an invitation again. Choose PAUSED, ACTIVE or ENDED.")
    if before is RelationshipStatus.ENDED:
        raise _ended()
    if before is RelationshipStatus.INVITED and to is not RelationshipStatus.ENDED:
        raise Conflict("This invitation has not been accepted yet.", field="id")
    if to is RelationshipStatus.ACTIVE and viewer.user_id != row.athlete_id:
        raise NotAllowed("Only the athlete resumes.", field="status")


def _ended() -> Conflict:
    return Conflict("This relationship has ended. Send a new invitation.", field="id")


async def _own(session: WriteSession, viewer: Viewer, relationship_id: UUID) -> CoachingRelationship:
    viewer.require_session()
    row = await repository.by_id(session, relationship_id, lock=True)
    if row is None or viewer.user_id not in {row.coach_id, row.athlete_id}:
        raise NotFound(field="id")
    return row


def checked_areas(areas: Collection[str]) -> list[str]:
    checks = Checks()
    chosen = checks.choices("areas", areas, list(Area))
    if not chosen:
        checks.problem("areas", ErrorCode.REQUIRED, "Choose at least one area.")
    checks.done()
    return chosen


def note(
    session: WriteSession,
    viewer: Viewer,
    client: Client,
    action: str,
    row: CoachingRelationship,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    """Into the trail of both."""
    audit.record(
        session,
        viewer,
        client,
        action,
        athlete_id=row.athlete_id,
        acting_as=ActingAs.COACH if row.coach_id == viewer.user_id else None,
        entity="coaching_relationship",
        entity_id=row.id,
        before=before,
        after=after,
    )
