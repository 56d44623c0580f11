"""Coaching relationships: either side invites by link, the athlete grants areas and may end it at any time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.config import Settings
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, NotAllowed, NotFound
from coachwatts.identity import audit, consents
from coachwatts.identity.repository import relationships as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Area, CoachingRelationship, ConsentKind, RelationshipStatus
from coachwatts.models.user import Capability
from coachwatts.security.tokens import Token, TokenKind

INVITATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Invited:
    relationship: CoachingRelationship
    link: str  # shown once; only the hash of its token is kept


async def invite(
    session: WriteSession, settings: Settings, viewer: Viewer, client: Client, areas: Collection[Area], *, as_coach: bool
) -> Invited:
    """As an athlete: grants these areas to whoever accepts as coach. As a coach: asks for them."""
    viewer.require_session()
    chosen = _areas(areas)
    if as_coach and Capability.COACH not in viewer.capabilities:
        raise NotAllowed("Only coaches invite athletes. Become one first with becomeCoach.")
    if not as_coach:
        await consents.grant(session, viewer, client, ConsentKind.COACH_SHARING, consents.VERSIONS[ConsentKind.COACH_SHARING])
    token = Token.new(TokenKind.INVITE)
    row = CoachingRelationship(
        coach_id=viewer.user_id if as_coach else None,
        athlete_id=None if as_coach else viewer.user_id,
        areas=chosen,
        invite_token_hash=token.hash,
        invite_expires_at=clock.now() + INVITATION_LASTS,
    )
    session.add(row)
    await session.flush()
    audit.record(session, viewer, client, "coaching.invited", entity="coaching_relationship", entity_id=row.id, after={"areas": chosen})
    return Invited(row, f"{settings.base_url}/invitation/{token.text}")


class InvitationOver(CoachWattsError):
    def __init__(self) -> None:
        super().__init__("This invitation was used, withdrawn, or has run out. Ask for a new one.", field="token", code=ErrorCode.EXPIRED)


async def accept(session: WriteSession, viewer: Viewer, client: Client, text: str, areas: Collection[Area] | None) -> CoachingRelationship:
    """The athlete decides about the areas: here when invited by a coach, else in the invitation."""
    viewer.require_session()
    row = await _invitation(session, viewer, text)
    if viewer.user_id in {row.coach_id, row.athlete_id}:
        raise Conflict("This is your own invitation. Give the link to the other person.", field="token")
    if row.athlete_id is None:
        row.athlete_id, row.areas = viewer.user_id, _areas(row.areas if areas is None else areas)
        await consents.grant(session, viewer, client, ConsentKind.COACH_SHARING, consents.VERSIONS[ConsentKind.COACH_SHARING])
    elif Capability.COACH not in viewer.capabilities:
        raise NotAllowed("Only coaches accept this invitation. Become one first with becomeCoach.", field="token")
    else:
        row.coach_id = viewer.user_id
    row.status, row.started_at = RelationshipStatus.ACTIVE, clock.now()
    row.invite_token_hash = row.invite_expires_at = None
    if not await repository.flush_unless_doubled(session):
        raise Conflict("You two already have a coaching relationship.", field="token")
    audit.record(
        session,
        viewer,
        client,
        "coaching.accepted",
        athlete_id=row.athlete_id,
        entity="coaching_relationship",
        entity_id=row.id,
        after={"areas": row.areas},
    )
    return row


async def _invitation(session: WriteSession, viewer: Viewer, text: str) -> CoachingRelationship:
    token = Token.parse(text, TokenKind.INVITE)
    inviter = await repository.inviter_of(session, token.hash) if token else None
    if token is None or inviter is None:
        raise InvitationOver
    await session.see(viewer.scope.with_accounts({inviter}))
    row = await repository.invitation(session, token.hash)
    if row is None or row.status != RelationshipStatus.INVITED or row.invite_expires_at is None or row.invite_expires_at <= clock.now():
        raise InvitationOver
    return row


async def grant_areas(
    session: WriteSession, viewer: Viewer, client: Client, relationship_id: UUID, areas: Collection[Area]
) -> CoachingRelationship:
    row = await _own(session, viewer, relationship_id)
    if row.athlete_id != viewer.user_id:
        raise NotAllowed("Only the athlete decides what a coach sees.", field="areas")
    before, row.areas = row.areas, _areas(areas)
    _note(session, viewer, client, "coaching.areas_changed", row, before={"areas": before}, after={"areas": row.areas})
    return row


async def move(
    session: WriteSession, viewer: Viewer, client: Client, relationship_id: UUID, to: RelationshipStatus
) -> CoachingRelationship:
    """Pause, resume or end. Either may; what has ended stays ended."""
    row = await _own(session, viewer, relationship_id)
    before = row.status
    if before == to:
        return row
    if before == RelationshipStatus.ENDED:
        raise Conflict("This relationship has ended. Send a new invitation.", field="id")
    if before == RelationshipStatus.INVITED and to != RelationshipStatus.ENDED:
        raise Conflict("This invitation has not been accepted yet.", field="id")
    if to == RelationshipStatus.ACTIVE and viewer.user_id != row.athlete_id:
        raise NotAllowed("Only the athlete resumes.", field="id")
    row.status = to
    if to == RelationshipStatus.ENDED:
        row.ended_at, row.invite_token_hash = clock.now(), None
    _note(session, viewer, client, f"coaching.{to.lower()}", row, before={"status": before}, after={"status": to})
    return row


async def _own(session: WriteSession, viewer: Viewer, relationship_id: UUID) -> CoachingRelationship:
    viewer.require_session()
    await session.see(Scope.own(viewer.user_id))
    row = await repository.by_id(session, relationship_id, lock=True)
    if row is None:
        raise NotFound(field="id")
    return row


def _areas(areas: Collection[str]) -> list[str]:
    checks = Checks()
    chosen = checks.choices("areas", areas, list(Area))
    if not chosen:
        checks.problem("areas", ErrorCode.REQUIRED, "Choose at least one area.")
    checks.done()
    return chosen


def _note(
    session: WriteSession,
    viewer: Viewer,
    client: Client,
    action: str,
    row: CoachingRelationship,
    *,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    whom = row.athlete_id
    audit.record(
        session, viewer, client, action, athlete_id=whom, entity="coaching_relationship", entity_id=row.id, before=before, after=after
    )
