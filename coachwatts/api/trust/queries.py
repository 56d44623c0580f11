from typing import Annotated

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.global_id import GlobalId
from coachwatts.api.user import User, load_athlete


@strawberry.type
class TrustQueries:
    @strawberry.field(
        description="Another athlete: for their coach what they granted, for an administrator the account."
        " Null when there is nothing to see. The athlete can read who looked.",
        metadata={"scopes": ("athlete:read",)},
    )
    async def athlete(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Id of the User.")],
        reason: Annotated[
            str | None, strawberry.argument(description="Why an administrator needs to see health data, 10 to 500 characters.")
        ] = None,
    ) -> User | None:
        info.context.require_viewer()
        wanted = GlobalId.parse(id)
        if wanted is None or wanted.type != "User" or wanted.key_as_uuid != wanted.athlete:
            return None
        return await load_athlete(info.context, wanted.athlete, reason)
