from collections.abc import AsyncGenerator

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.api.user import User, load_viewer
from coachwatts.identity.audit import account_topic


@strawberry.type
class IdentitySubscriptions:
    @strawberry.subscription(
        description="The person who asks: now, and again whenever their account has changed, on whichever device.",
        metadata={"scopes": NO_TOKEN},
    )
    async def viewer(self, info: Info) -> AsyncGenerator[User, None]:
        context = info.context
        topic = account_topic(context.require_viewer().user_id)
        async for user in context.news.follow(topic, lambda: load_viewer(context)):
            yield user
