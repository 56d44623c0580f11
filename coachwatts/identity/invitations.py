"""Invitations to coach or to be coached: a link that either side makes, used once, by somebody else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, NotAllowed
from coachwatts.identity import audit, consents
from coachwatts.identity.relationships import checked_areas, note
from coachwatts.identity.repository import people
from coachwatts.identity.repository import relationships as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Area, CoachingRelationship, RelationshipStatus
from coachwatts.models.user import Capability
from coachwatts.security.tokens import Token, TokenKind

PATH = "/invitation"
LASTS = timedelta(days=14)
MOST_OPEN = 100


class InvitationOver(CoachWattsError):
    """Used, withdrawn, run out, or never made: one answer."""

    def __init__(self) -> None:
        super().__init__("This invitation was used, withdrawn, or has run out. Ask for a new one.", field="token", code=ErrorCode.EXPIRED)


@dataclass(frozen=True, slots=True)
class Offer:
    """As an athlete: grants these areas to whoever accepts as coach. As a coach: asks for them."""

    areas: Collection[Area]
    as_coach: bool


@dataclass(frozen=True, slots=True)
class Invited:
    relationship: CoachingRelationship
    link: str  # shown once; only the hash of its token is kept


@dataclass(frozen=True, slots=True)
class Preview:
    """What an invitation is about, for whoever holds the link."""

    inviter_id: UUID
    inviter: str
    wants_coach: bool
    areas: tuple[Area, ...]


async def look(session: ReadSession, text: str) -> Preview:
    """For the page that the link leads to. Uses nothing up. Raises InvitationOver."""
    row, inviter = await _open_invitation(session, Scope.nobody(), text, lock=False)
    account = await people.by_id(session, inviter)
    if account is None or not account.is_active:
        raise InvitationOver
    return Preview(inviter, account.name, row.coach_id is None, tuple(map(Area, row.areas)))


async def invite(
    session: WriteSession, settings: Settings, viewer: Viewer, client: Client, offer: Offer, *, relationship_id: UUID
) -> Invited:
    viewer.require_session()
    chosen = checked_areas(offer.areas)
    if offer.as_coach:
        _require_coach(viewer, "invite athletes", "my_side")
    else:
        await consents.grant_coach_sharing(session, viewer, client)
    if await repository.count_open_invitations(session, viewer.user_id, clock.now()) >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} of your invitations are still open. End some of them first.")
    token = Token.new(TokenKind.INVITE)
    row = CoachingRelationship(
        id=relationship_id,
        coach_id=viewer.user_id if offer.as_coach else None,
        athlete_id=None if offer.as_coach else viewer.user_id,
        areas=chosen,
        invite_token_hash=token.hash,
        invite_expires_at=clock.now() + LASTS,
    )
    session.add(row)
    await session.flush()
    audit.record(session, viewer, client, "coaching.invited", entity="coaching_relationship", entity_id=row.id, after={"areas": chosen})
    return Invited(row, f"{settings.base_url}{PATH}/{token.text}")


async def accept(session: WriteSession, viewer: Viewer, client: Client, text: str, areas: Collection[Area] | None) -> CoachingRelationship:
    """The athlete decides about the areas: here when invited by a coach, else in the invitation."""
    viewer.require_session()
    row, _ = await _open_invitation(session, viewer.scope, text, lock=True)
    if viewer.user_id in {row.coach_id, row.athlete_id}:
        raise Conflict("This is your own invitation. Give the link to the other person.", field="token")
    if accepts_as_athlete := row.athlete_id is None:
        row.athlete_id, row.areas = viewer.user_id, checked_areas(row.areas if areas is None else areas)
    else:
        _require_coach(viewer, "accept this invitation", "token")
        row.coach_id = viewer.user_id
    row.status, row.started_at = RelationshipStatus.ACTIVE, clock.now()
    row.invite_token_hash = row.invite_expires_at = None
    if not await repository.flush_unless_doubled(session):
        raise Conflict("You two already have a coaching relationship.", field="token")
    if accepts_as_athlete:
        await consents.grant_coach_sharing(session, viewer, client)
    note(session, viewer, client, "coaching.accepted", row, after={"areas": row.areas})
    return row


async def _open_invitation(session: ReadSession, scope: Scope, text: str, *, lock: bool) -> tuple[CoachingRelationship, UUID]:
    token = Token.parse(text, TokenKind.INVITE)
    inviter = await repository.inviter_of(session, token.hash) if token else None
    if token is None or inviter is None:
        raise InvitationOver
    await session.see(scope.with_accounts({inviter}))
    row = await repository.invitation(session, token.hash, lock=lock)
    if row is None or row.status != RelationshipStatus.INVITED or row.invite_expires_at is None or row.invite_expires_at <= clock.now():
        raise InvitationOver
    return row, inviter


def _require_coach(viewer: Viewer, deed: str, field: str) -> None:
    if Capability.COACH not in viewer.capabilities:
        raise NotAllowed(f"Only coaches {deed}. Become one first with becomeCoach.", field=field)
