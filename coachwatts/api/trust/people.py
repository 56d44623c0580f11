"""Names of other people that one has to do with."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from coachwatts.api.context import Context
from coachwatts.api.identity.types import user_id_of
from coachwatts.api.loaders import Loader
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession
from coachwatts.identity.repository import people
from coachwatts.models.user import UserAccount


@strawberry.type(description="Another person, as far as everybody who has to do with them may know them.")
class Acquaintance:
    id: strawberry.ID = strawberry.field(description="Id of the User.")
    name: str = strawberry.field(description="The name shown to others.")
    image: str | None = strawberry.field(description="Address of a picture.")


class AccountById(Loader[UUID, UserAccount]):
    """Only for ids that stand in a row which the viewer may see."""

    async def fetch(self, session: ReadSession, keys: Sequence[UUID]) -> dict[UUID, UserAccount]:
        await session.see(Scope(accounts=frozenset(keys)))
        return await people.by_ids(session, list(keys))


async def acquaintance(context: Context, user_id: UUID | None) -> Acquaintance | None:
    account = await context.loaders.load(AccountById, user_id) if user_id else None
    return Acquaintance(id=user_id_of(account.id), name=account.name, image=account.image) if account else None
