"""User: the type that everything of an athlete hangs off. Each concept brings its own fields."""

from typing import Any, ClassVar, Self
from uuid import UUID

import strawberry

from coachwatts.api.athletes.joined import AthleteFields
from coachwatts.api.context import Context
from coachwatts.api.global_id import GlobalId
from coachwatts.api.identity.logins import LoginFields
from coachwatts.api.identity.second_factor import SecondFactorFields
from coachwatts.api.identity.sessions import SessionFields
from coachwatts.api.identity.tokens import TokenFields
from coachwatts.api.identity.types import AccountFields, account_fields
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.trust.fields import TrustFields
from coachwatts.api.trust.sight import look
from coachwatts.errors import SessionExpired
from coachwatts.identity.repository import people
from coachwatts.models.user import UserAccount


@strawberry.type(description="A person: an account, and the athlete whose data it owns.")
class User(AccountFields, SessionFields, TokenFields, LoginFields, SecondFactorFields, TrustFields, AthleteFields, Node):
    fields_say_scopes: ClassVar = True  # whoever may reach a person may not thereby reach all of the person

    @classmethod
    def from_account(cls, account: UserAccount, *, own: bool) -> Self:
        fields: dict[str, Any] = account_fields(account, own=own)
        return cls(**fields)


async def load_viewer(context: Context) -> User:
    viewer = context.require_viewer()
    async with context.read() as session:
        account = await people.by_id(session, viewer.user_id)
    if account is None:
        raise SessionExpired  # erased a moment ago
    return User.from_account(account, own=True)


async def load_athlete(context: Context, athlete_id: UUID, reason: str | None = None) -> User | None:
    """Oneself, or somebody else as far as the viewer may look."""
    context.require_viewer()
    if context.is_viewer(athlete_id):
        return await load_viewer(context)
    found = await look(context, athlete_id, reason)
    return User.from_account(found.account, own=False) if found else None


@fetched_by("User")
async def _fetch(context: Context, wanted: GlobalId) -> User | None:
    if context.viewer is None or wanted.key_as_uuid != wanted.athlete:
        return None
    return await load_athlete(context, wanted.athlete)
