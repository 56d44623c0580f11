from datetime import date
from typing import cast
from uuid import UUID

import strawberry

from coachwatts.api.athletes.inputs import author_of, given
from coachwatts.api.athletes.loaders import ProfileByAthlete
from coachwatts.api.athletes.words import AREA, READ, WRITE
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.athletes import profile
from coachwatts.athletes.profile import ProfileChanges
from coachwatts.models.athlete import AthleteProfile as Row
from coachwatts.models.athlete import Discipline, Sex

CONTEXT = "Plain text, at most 10,000 characters."


@strawberry.type(description="What an athlete says about themselves. Null is unknown; nothing is assumed in its place.")
class AthleteProfile:
    date_of_birth: date | None = strawberry.field(default=None, description="Day of birth.")
    sex: Sex | None = strawberry.field(default=None, description="Sex, for formulas that know it.")
    height_cm: float | None = strawberry.field(default=None, description="Height in cm.")
    athlete_context: str | None = strawberry.field(default=None, description="What a coach should know: history, injuries, life.")
    planning_context: str | None = strawberry.field(default=None, description="What plans should respect: goals, constraints.")
    preferences: str | None = strawberry.field(default=None, description="Likes and dislikes in training and reports.")
    primary_sport: Discipline | None = strawberry.field(default=None, description="The discipline that matters most.")
    auto_accept_thresholds: bool = strawberry.field(
        default=False, description="Whether proposed thresholds count at once, where they contradict nothing that the athlete entered."
    )

    @classmethod
    def from_row(cls, row: Row | None) -> "AthleteProfile":
        """Without a row nothing has been said yet."""
        if row is None:
            return cls()
        return cls(
            date_of_birth=row.date_of_birth,
            sex=Sex(row.sex) if row.sex else None,
            height_cm=row.height_cm,
            athlete_context=row.athlete_context,
            planning_context=row.planning_context,
            preferences=row.preferences,
            primary_sport=Discipline(row.primary_sport) if row.primary_sport else None,
            auto_accept_thresholds=row.auto_accept_thresholds,
        )


@strawberry.type
class ProfileFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(description="What the athlete says about themselves. Null when you may not see it.", metadata=READ)
    async def profile(self, info: Info) -> AthleteProfile | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        return AthleteProfile.from_row(await info.context.loaders.load(ProfileByAthlete, self.user_id))

    @strawberry.field(description="Day of birth.", metadata=READ)
    async def dob(self, info: Info) -> date | None:
        if not info.context.may_see(self.user_id, AREA):
            return None
        row = await info.context.loaders.load(ProfileByAthlete, self.user_id)
        return row.date_of_birth if row else None

    @strawberry.field(description="Body weight in kg. Null: this server does not record body weight yet.", metadata=READ)
    async def weight(self) -> float | None:
        return None


@strawberry.input(description="What is to change. What is left out stays; null clears.")
class UpdateProfileInput:
    date_of_birth: date | None = strawberry.field(default=strawberry.UNSET, description="Day of birth, not in the future.")
    sex: Sex | None = strawberry.field(default=strawberry.UNSET, description="Sex, for formulas that know it.")
    height_cm: float | None = strawberry.field(default=strawberry.UNSET, description="Height in cm, 50 to 260.")
    athlete_context: str | None = strawberry.field(default=strawberry.UNSET, description=f"What a coach should know. {CONTEXT}")
    planning_context: str | None = strawberry.field(default=strawberry.UNSET, description=f"What plans should respect. {CONTEXT}")
    preferences: str | None = strawberry.field(default=strawberry.UNSET, description=f"Likes and dislikes. {CONTEXT}")
    primary_sport: Discipline | None = strawberry.field(default=strawberry.UNSET, description="The discipline that matters most.")
    auto_accept_thresholds: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether proposed thresholds count at once. Cannot be cleared."
    )


@strawberry.type(description="The profile as it is now.")
class UpdateProfilePayload(Payload):
    profile: AthleteProfile | None = strawberry.field(default=None, description="The profile.")


@strawberry.type
class ProfileMutations:
    @mutation(description="Change your profile.", scopes=WRITE)
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
        author, athlete_id = author_of(info.context)
        async with info.context.write() as session:
            row = await profile.update(session, author, athlete_id, cast("ProfileChanges", given(input)))
        return UpdateProfilePayload(profile=AthleteProfile.from_row(row))
