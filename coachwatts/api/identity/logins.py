"""Ways to sign in elsewhere: which there are, which a person has, add one, remove one."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import strawberry

from coachwatts.api.browser import keep_browser
from coachwatts.api.context import Context, Info
from coachwatts.api.credentials import require_cookie_jar
from coachwatts.api.global_id import GlobalId
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.errors import NotAllowed, NotFound
from coachwatts.identity.logins import accounts, trips
from coachwatts.identity.logins.registry import titles
from coachwatts.models.sign_in import LoginAccount as LoginAccountRow


@strawberry.type(description="A provider where a person can sign in instead of here.")
class LoginProvider:
    name: str = strawberry.field(description="Its name in addresses.")
    title: str = strawberry.field(description="Its name for a button.")
    address: str = strawberry.field(description="Send the browser there to sign in or up; add return_to, a path or an allowed address.")


@strawberry.type(description="A sign-in identity at a provider. Only for the person themselves.")
class LoginAccount(Node):
    provider: str = strawberry.field(description="Name of the provider.")
    created_at: datetime = strawberry.field(description="When it was added.")

    @classmethod
    def from_row(cls, row: LoginAccountRow) -> "LoginAccount":
        return cls(
            id=strawberry.ID(str(GlobalId("LoginAccount", row.user_id, row.id.hex))), provider=row.provider, created_at=row.created_at
        )


async def _of(context: Context, user_id: UUID) -> list[LoginAccount]:
    async with context.read() as session:
        return [LoginAccount.from_row(row) for row in await accounts.linked(session, user_id)]


@fetched_by("LoginAccount")
async def _fetch(context: Context, wanted: GlobalId) -> LoginAccount | None:
    if not context.is_viewer(wanted.athlete):
        return None
    return next((login for login in await _of(context, wanted.athlete) if login.id == str(wanted)), None)


@strawberry.type
class LoginFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(
        description="Where else this person can sign in, oldest first. Only for the person themselves.", metadata={"scopes": NO_TOKEN}
    )
    async def login_accounts(self, info: Info) -> list[LoginAccount] | None:
        return await _of(info.context, self.user_id) if info.context.is_viewer(self.user_id) else None


@strawberry.type
class LoginQueries:
    @strawberry.field(description="Where one can sign in instead of here, as this server is set up.", metadata={"scopes": ()})
    async def login_providers(self, info: Info) -> list[LoginProvider]:
        settings = info.context.runtime.settings
        return [LoginProvider(name=name, title=title, address=f"/auth/{name}") for name, title in titles(settings).items()]


@strawberry.input(description="Which way to sign in to add.")
class LinkLoginInput:
    provider: str = strawberry.field(description="Name of the provider.")
    return_to: str = strawberry.field(default="/", description="Where to go afterwards: a path here, or an address at an allowed origin.")


@strawberry.type(description="Where to send the browser next.")
class LinkLoginPayload(Payload):
    address: str | None = strawberry.field(default=None, description="A path on this server; good for this browser, once, for ten minutes.")


@strawberry.input(description="Which way to sign in to remove.")
class UnlinkLoginInput:
    id: strawberry.ID = strawberry.field(description="Id of the LoginAccount.")


@strawberry.type(description="The way to sign in that was removed.")
class UnlinkLoginPayload(Payload):
    unlinked_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the LoginAccount that is gone.")


@strawberry.type
class LoginMutations:
    @mutation(description="Add a way to sign in. Needs a browser that is signed in with the cookie, and a password given just now.")
    async def link_login(self, info: Info, input: LinkLoginInput) -> LinkLoginPayload:
        context, viewer = info.context, info.context.require_viewer()
        settings = context.runtime.settings
        viewer.require_fresh()
        require_cookie_jar(context)
        if not context.by_cookie:
            raise NotAllowed("The provider sends a browser back, which must be signed in by cookie. Do this in a browser.")
        if input.provider not in settings.logins:
            raise NotFound("There is no such way to sign in here.", field="provider")
        return_to, browser = trips.check_return_to(settings, input.return_to), trips.Browser.of(None)
        async with context.write() as session:
            trip = trips.begin(session, context.runtime.keys, input.provider, browser, return_to, user_id=viewer.user_id)
        if context.response is not None:
            keep_browser(context.response, settings, browser)
        return LinkLoginPayload(address=f"/auth/{input.provider}?{urlencode({'trip': trip.secrets.state})}")

    @mutation(description="Remove a way to sign in. The last one stays.")
    async def unlink_login(self, info: Info, input: UnlinkLoginInput) -> UnlinkLoginPayload:
        context, viewer, wanted = info.context, info.context.require_viewer(), GlobalId.parse(input.id)
        login_id = wanted.key_as_uuid if wanted and wanted.type == "LoginAccount" else None
        async with context.write() as session:
            await accounts.unlink(session, viewer, context.client, login_id)
        return UnlinkLoginPayload(unlinked_id=input.id)
