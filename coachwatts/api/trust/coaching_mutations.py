from uuid import UUID

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.idempotency import Repeatable, claim
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.trust.coaching import CoachingRelationship, CoachingSide
from coachwatts.api.user import User
from coachwatts.errors import NotFound
from coachwatts.identity import coaches, invitations, relationships
from coachwatts.identity.repository import relationships as repository
from coachwatts.models.trust import Area, RelationshipStatus


@strawberry.input(description="Whom to invite, and what is to be seen.")
class InviteToCoachingInput(Repeatable):
    my_side: CoachingSide = strawberry.field(description="ATHLETE invites a coach, COACH invites an athlete.")
    areas: list[Area] = strawberry.field(description="What the coach is to see. The athlete has the last word.")


@strawberry.type(description="The invitation. Send its link to the other person yourself.")
class InviteToCoachingPayload(Payload):
    relationship: CoachingRelationship | None = strawberry.field(default=None, description="The relationship, waiting to be accepted.")
    link: str | None = strawberry.field(
        default=None, description="Works once, for 14 days. Shown this once, null for a repeated request; we keep its hash only."
    )


@strawberry.input(description="An invitation that one accepts.")
class AcceptInvitationInput:
    token: str = strawberry.field(description="The last part of the link's path.")
    areas: list[Area] | None = strawberry.field(
        default=None, description="As the athlete: what to grant; left out, what the coach asked for."
    )


@strawberry.input(description="What a coach is to see from now on.")
class GrantAreasInput:
    id: strawberry.ID = strawberry.field(description="Id of the relationship.")
    areas: list[Area] = strawberry.field(description="All areas, not only the new ones.")


@strawberry.input(description="A coaching relationship.")
class MoveRelationshipInput:
    id: strawberry.ID = strawberry.field(description="Id of the relationship.")
    status: RelationshipStatus = strawberry.field(description="PAUSED, ACTIVE or ENDED.")


@strawberry.type(description="The coaching relationship as it is now.")
class CoachingRelationshipPayload(Payload):
    relationship: CoachingRelationship | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The person as they are now.")
class BecomeCoachPayload(Payload):
    viewer: User | None = strawberry.field(default=None, description="The person who asks.")


@strawberry.type
class CoachingMutations:
    @mutation(description="Say that you coach. It opens nobody's data: athletes decide that one by one.")
    async def become_coach(self, info: Info) -> BecomeCoachPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            account = await coaches.become(session, viewer, context.client)
        return BecomeCoachPayload(viewer=User.from_account(account, own=True))

    @mutation(description="Make a link that invites a coach or an athlete.")
    async def invite_to_coaching(self, info: Info, input: InviteToCoachingInput) -> InviteToCoachingPayload:
        context, viewer = info.context, info.context.require_viewer()
        offer, settings = invitations.Offer(input.areas, input.my_side is CoachingSide.COACH), context.runtime.settings
        async with context.write() as session:
            claimed = await claim(session, viewer, input)
            if claimed.repeated:
                row = await repository.by_id(session, claimed.id)
                return InviteToCoachingPayload(relationship=CoachingRelationship.from_row(row, viewer.user_id) if row else None)
            invited = await invitations.invite(session, settings, viewer, context.client, offer, relationship_id=claimed.id)
        return InviteToCoachingPayload(relationship=CoachingRelationship.from_row(invited.relationship, viewer.user_id), link=invited.link)

    @mutation(description="Accept an invitation, on the side that is still open.")
    async def accept_coaching_invitation(self, info: Info, input: AcceptInvitationInput) -> CoachingRelationshipPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await invitations.accept(session, viewer, context.client, input.token, input.areas)
        return CoachingRelationshipPayload(relationship=CoachingRelationship.from_row(row, viewer.user_id))

    @mutation(description="As the athlete, choose anew what a coach sees.")
    async def grant_areas_to_coach(self, info: Info, input: GrantAreasInput) -> CoachingRelationshipPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await relationships.grant_areas(session, viewer, context.client, _relationship_id(input.id), input.areas)
        return CoachingRelationshipPayload(relationship=CoachingRelationship.from_row(row, viewer.user_id))

    @mutation(description="Pause, resume or end a coaching relationship. What has ended stays ended.")
    async def set_coaching_status(self, info: Info, input: MoveRelationshipInput) -> CoachingRelationshipPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await relationships.move(session, viewer, context.client, _relationship_id(input.id), input.status)
        return CoachingRelationshipPayload(relationship=CoachingRelationship.from_row(row, viewer.user_id))


def _relationship_id(text: str) -> UUID:
    wanted = GlobalId.parse(text)
    if wanted is None or wanted.type != "CoachingRelationship" or wanted.key_as_uuid is None:
        raise NotFound(field="id")
    return wanted.key_as_uuid
