import strawberry

from coachwatts.api.context import Info
from coachwatts.api.credentials import hand_over, require_cookie_jar
from coachwatts.api.mutation import Payload, mutation
from coachwatts.identity import admin_link


@strawberry.input(description="The one-time link that the server printed when it started.")
class ClaimAdminInput:
    token: str = strawberry.field(description="The last part of the link's path.")


@strawberry.type(description="You are an administrator now. The session was renewed: the old token opens nothing any longer.")
class ClaimAdminPayload(Payload):
    token: str | None = strawberry.field(default=None, description="The session's new token, when it came as a bearer token.")


@strawberry.type
class AdminLinkMutations:
    @mutation(description="Become the first administrator.")
    async def claim_admin(self, info: Info, input: ClaimAdminInput) -> ClaimAdminPayload:
        context, viewer = info.context, info.context.require_viewer()
        if context.by_cookie:
            require_cookie_jar(context)
        async with context.write() as session:
            begun = await admin_link.claim(session, context.client, viewer, input.token)
        return ClaimAdminPayload(token=hand_over(context, begun, in_cookie=context.by_cookie))
