"""Personal tokens: what a script signs in with."""

from datetime import datetime
from uuid import UUID

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.enums import describe
from coachwatts.api.global_id import GlobalId
from coachwatts.api.idempotency import Repeatable, claim
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.identity import tokens
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.models.sign_in import AccessToken as AccessTokenRow

describe(
    TokenScope,
    "What a personal token may do. What no scope names, no token does: sign-in itself, for one.",
    ACCOUNT_READ="Read the account: address, preferences, consents, relationships.",
    ATHLETE_READ="Read the athlete: profile, thresholds, zones, availability.",
    ATHLETE_WRITE="Change the athlete: profile, thresholds, zones, availability.",
)


@strawberry.type(description="A token for scripts, without the token itself. Only for the person themselves.")
class AccessToken(Node):
    name: str = strawberry.field(description="What it was made for.")
    prefix: str = strawberry.field(description="How the token begins, to recognise it by.")
    scopes: list[TokenScope] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute. Null: never.")

    @classmethod
    def from_row(cls, row: AccessTokenRow) -> "AccessToken":
        return cls(
            id=strawberry.ID(str(GlobalId("AccessToken", row.user_id, row.id.hex))),
            name=row.name,
            prefix=row.prefix,
            scopes=[TokenScope(scope) for scope in row.scopes],
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
        )


@fetched_by("AccessToken")
async def _fetch(context: Context, wanted: GlobalId) -> AccessToken | None:
    if not context.is_viewer(wanted.athlete) or wanted.key_as_uuid is None:
        return None
    async with context.read() as session:
        row = await tokens.find(session, wanted.athlete, wanted.key_as_uuid)
    return AccessToken.from_row(row) if row else None


@strawberry.type
class TokenFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(
        description=f"Personal tokens that open something, newest first, at most {tokens.MOST}. Only for the person themselves.",
        metadata={"scopes": NO_TOKEN},
    )
    async def access_tokens(self, info: Info) -> list[AccessToken] | None:
        if not info.context.is_viewer(self.user_id):
            return None
        async with info.context.read() as session:
            return [AccessToken.from_row(row) for row in await tokens.listed(session, self.user_id)]


@strawberry.input(description="What a token is for, what it may do, and until when.")
class CreateAccessTokenInput(Repeatable):
    name: str = strawberry.field(description="What it is made for. At most 100 characters.")
    scopes: list[TokenScope] = strawberry.field(description="What it may do. At least one.")
    expires_at: datetime | None = strawberry.field(
        default=None,
        description=f"When it ends; without it in {tokens.LASTS.days} days. At most {tokens.AT_MOST.days} days from now.",
    )


@strawberry.type(description="The token that was made.")
class CreateAccessTokenPayload(Payload):
    token: str | None = strawberry.field(
        default=None,
        description="The token itself: send it as 'Authorization: Bearer …'. Shown this once, null for a repeated request; "
        "we keep its hash only.",
    )
    access_token: AccessToken | None = strawberry.field(default=None, description="The token as the list shows it.")


@strawberry.input(description="Which token to revoke.")
class RevokeAccessTokenInput:
    id: strawberry.ID = strawberry.field(description="Id of the token, from the list.")


@strawberry.type(description="The token that was revoked.")
class RevokeAccessTokenPayload(Payload):
    revoked_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the token that opens nothing any longer.")


@strawberry.type
class TokenMutations:
    @mutation(description="Make a personal token for a script. Confirm your password first when you signed in a while ago.")
    async def create_access_token(self, info: Info, input: CreateAccessTokenInput) -> CreateAccessTokenPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            claimed = await claim(session, viewer, input)
            if claimed.repeated:
                row = await tokens.find(session, viewer.user_id, claimed.id)
                return CreateAccessTokenPayload(access_token=AccessToken.from_row(row) if row else None)
            form = tokens.Form(input.name, input.scopes, input.expires_at)
            made = await tokens.create(session, viewer, context.client, form, token_id=claimed.id)
        return CreateAccessTokenPayload(token=made.token.text, access_token=AccessToken.from_row(made.row))

    @mutation(description="Revoke a personal token. It opens nothing from this moment on.")
    async def revoke_access_token(self, info: Info, input: RevokeAccessTokenInput) -> RevokeAccessTokenPayload:
        context, wanted = info.context, GlobalId.parse(input.id)
        token_id = wanted.key_as_uuid if wanted and wanted.type == "AccessToken" else None
        viewer = context.require_viewer()
        async with context.write() as session:
            await tokens.revoke(session, viewer, context.client, token_id)
        return RevokeAccessTokenPayload(revoked_id=input.id)
