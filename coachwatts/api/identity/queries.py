import strawberry

from coachwatts.api.context import Info
from coachwatts.api.user import User, load_viewer


@strawberry.type
class IdentityQueries:
    @strawberry.field(description="The person who asks; null while nobody is signed in.", metadata={"scopes": ()})
    async def viewer(self, info: Info) -> User | None:
        if info.context.viewer is None and info.context.refused is None:
            return None
        return await load_viewer(info.context)
