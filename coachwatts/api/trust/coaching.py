from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.enums import describe
from coachwatts.api.global_id import GlobalId
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.trust.people import Acquaintance, acquaintance
from coachwatts.identity.repository import relationships
from coachwatts.models.trust import Area, RelationshipStatus
from coachwatts.models.trust import CoachingRelationship as Row

describe(
    Area,
    "What an athlete can open to a coach, one by one.",
    TRAINING="Profile, thresholds, zones, availability, workouts, load.",
    HEALTH="Sleep, heart rate variability, weight, readiness.",
    NUTRITION="Meals and hydration.",
    PHOTOS="Progress photos.",
    PLANS="Plans, competitions, goals.",
    REPORTS="Reports and analyses.",
)
describe(
    RelationshipStatus,
    "How a coaching relationship stands.",
    INVITED="A link was made and nobody has accepted it yet.",
    ACTIVE="The coach sees what was granted.",
    PAUSED="The coach sees nothing for now.",
    ENDED="Over. What was noted stays with the athlete.",
)


class CoachingSide(StrEnum):
    ATHLETE = "ATHLETE"
    COACH = "COACH"


describe(CoachingSide, "On which side of a coaching relationship a person stands.", ATHLETE="Is coached.", COACH="Coaches.")


@strawberry.type(description="Two people, one of whom coaches the other. Seen by these two only.")
class CoachingRelationship(Node):
    status: RelationshipStatus = strawberry.field(description="How it stands.")
    areas: list[Area] = strawberry.field(description="What the coach sees while it is active.")
    my_side: CoachingSide = strawberry.field(description="On which side the person who asks stands.")
    created_at: datetime = strawberry.field(description="When the invitation was made.")
    invite_expires_at: datetime | None = strawberry.field(description="Until when the link can be used, while it waits.")
    started_at: datetime | None = strawberry.field(description="When it was accepted.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    row: strawberry.Private[Row]

    @classmethod
    def from_row(cls, row: Row, viewer_id: UUID) -> Self:
        return cls(
            id=strawberry.ID(str(GlobalId("CoachingRelationship", viewer_id, row.id.hex))),
            status=RelationshipStatus(row.status),
            areas=[Area(area) for area in row.areas],
            my_side=CoachingSide.COACH if row.coach_id == viewer_id else CoachingSide.ATHLETE,
            created_at=row.created_at,
            invite_expires_at=row.invite_expires_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            row=row,
        )

    @strawberry.field(description="Who coaches; null until a coach has accepted.")
    async def coach(self, info: Info) -> Acquaintance | None:
        return await acquaintance(info.context, self.row.coach_id)

    @strawberry.field(description="Who is coached; null until an athlete has accepted.")
    async def athlete(self, info: Info) -> Acquaintance | None:
        return await acquaintance(info.context, self.row.athlete_id)


@fetched_by("CoachingRelationship")
async def _fetch(context: Context, wanted: GlobalId) -> CoachingRelationship | None:
    relationship_id = wanted.key_as_uuid
    if not context.is_viewer(wanted.athlete) or relationship_id is None:
        return None
    async with context.read() as session:
        row = await relationships.by_id(session, relationship_id)
    return CoachingRelationship.from_row(row, wanted.athlete) if row else None
