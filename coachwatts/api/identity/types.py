from datetime import datetime
from uuid import UUID

import strawberry

from coachwatts.api.enums import describe
from coachwatts.api.global_id import GlobalId
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.models.user import Capability, Units, UserAccount, Weekday

describe(
    Capability,
    "What a person may do besides owning athlete data.",
    COACH="May coach athletes who let them.",
    ADMIN="Runs this server: accounts, jobs, settings; no athlete's data.",
)
describe(
    Units,
    "In which units a person reads figures. The API itself speaks SI.",
    METRIC="Kilometres and kilograms.",
    IMPERIAL="Miles and pounds.",
)
describe(Weekday, "A day of the week.", **{day.name: f"{day.name.capitalize()}, day {day} in ISO 8601." for day in Weekday})


ANY_TOKEN = {"scopes": ()}
ACCOUNT = {"scopes": (TokenScope.ACCOUNT_READ,)}


def user_id_of(user_id: UUID) -> strawberry.ID:
    return strawberry.ID(str(GlobalId("User", user_id, user_id.hex)))


@strawberry.type
class AccountFields:
    """The part of User that is the account. What only its owner may read is null for everybody else."""

    user_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="The name shown to others. May be empty.", metadata=ANY_TOKEN)
    bio: str | None = strawberry.field(description="A few words about this person.", metadata=ANY_TOKEN)
    image: str | None = strawberry.field(description="Address of a picture.", metadata=ANY_TOKEN)
    timezone: str = strawberry.field(description="IANA name; decides which day a moment belongs to.", metadata=ANY_TOKEN)
    email: str | None = strawberry.field(description="Sign-in address. Only for the person themselves.", metadata=ACCOUNT)
    email_verified: datetime | None = strawberry.field(
        description="When the address was shown to be theirs. Only for the person themselves.", metadata=ACCOUNT
    )
    locale: str | None = strawberry.field(description="Language tag. Only for the person themselves.", metadata=ACCOUNT)
    units: Units | None = strawberry.field(description="Preferred units. Only for the person themselves.", metadata=ACCOUNT)
    week_starts_on: Weekday | None = strawberry.field(
        description="First day of the week. Only for the person themselves.", metadata=ACCOUNT
    )
    capabilities: list[Capability] | None = strawberry.field(
        description="What the person may do. Only for the person themselves.", metadata=ACCOUNT
    )
    created_at: datetime = strawberry.field(description="When the account was made.", metadata=ANY_TOKEN)


def account_fields(account: UserAccount, *, own: bool) -> dict[str, object]:
    return {
        "id": user_id_of(account.id),
        "user_id": account.id,
        "name": account.name,
        "bio": account.bio,
        "image": account.image,
        "timezone": account.timezone,
        "created_at": account.created_at,
        "email": account.email if own else None,
        "email_verified": account.email_verified_at if own else None,
        "locale": account.locale if own else None,
        "units": Units(account.units) if own else None,
        "week_starts_on": Weekday(account.week_starts_on) if own else None,
        "deletion_due_at": account.deletion_due_at if own else None,
        "capabilities": [Capability(name) for name in account.capabilities] if own else None,
    }
