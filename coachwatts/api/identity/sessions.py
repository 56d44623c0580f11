"""The device list: where a person is signed in, and how to end it there."""

from datetime import datetime
from uuid import UUID

import strawberry

from coachwatts.api.context import Context, Info
from coachwatts.api.enums import describe
from coachwatts.api.global_id import GlobalId
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.node import Node, fetched_by
from coachwatts.api.pagination import After, Before, Connection, First, Last, PageArguments, Pages, connect
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.db.keyset import Page, Window
from coachwatts.identity import sessions
from coachwatts.identity.repository.sessions import NEWEST_FIRST
from coachwatts.models.sign_in import Session as SessionRow
from coachwatts.security.devices import DeviceType

describe(
    DeviceType,
    "What kind of device a session was begun on. A guess from what the program said of itself.",
    COMPUTER="A desktop or laptop computer.",
    PHONE="A phone.",
    TABLET="A tablet.",
    BOT="A program without a person before it.",
    OTHER="None of these, or it did not say.",
)


@strawberry.type(description="A device on which a person is signed in. Only for the person themselves.")
class Session(Node):
    current: bool = strawberry.field(description="Whether this request came with it.")
    device_type: DeviceType = strawberry.field(description="What kind of device it is.")
    browser: str | None = strawberry.field(description="Browser and its version, as far as it said.")
    os: str | None = strawberry.field(description="Operating system and its version, as far as it said.")
    ip: str | None = strawberry.field(description="The address from which it signed in.")
    remember_me: bool = strawberry.field(description="Whether it lasts 30 days instead of 24 hours.")
    created_at: datetime = strawberry.field(description="When it signed in.")
    last_seen_at: datetime = strawberry.field(description="When it was last used, to the minute.")
    expires_at: datetime = strawberry.field(description="When it ends at the latest.")

    @classmethod
    def from_row(cls, row: SessionRow, context: Context) -> "Session":
        return cls(
            id=strawberry.ID(str(GlobalId("Session", row.user_id, row.id.hex))),
            current=context.viewer is not None and context.viewer.session_id == row.id,
            device_type=DeviceType(row.device_type or DeviceType.OTHER),
            browser=row.browser,
            os=row.os,
            ip=row.ip,
            remember_me=row.remember_me,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
        )


@fetched_by("Session")
async def _fetch(context: Context, wanted: GlobalId) -> Session | None:
    if not context.is_viewer(wanted.athlete) or wanted.key_as_uuid is None:
        return None
    async with context.read() as session:
        row = await sessions.find(session, wanted.athlete, wanted.key_as_uuid)
    return Session.from_row(row, context) if row else None


@strawberry.type
class SessionFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(
        description="Where this person is signed in, newest first. Only for the person themselves.", metadata={"scopes": NO_TOKEN}
    )
    async def sessions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Session] | None:
        context = info.context
        if not context.is_viewer(self.user_id):
            return None

        async def fetch(window: Window) -> Page[SessionRow]:
            async with context.read() as session:
                return await sessions.page(session, self.user_id, window)

        async def count() -> int:
            async with context.read() as session:
                return await sessions.count(session, self.user_id)

        arguments = PageArguments(first, after, last, before)
        return await connect(Pages(NEWEST_FIRST, fetch, count), arguments, lambda row: Session.from_row(row, context))


@strawberry.input(description="Which device to sign out.")
class RevokeSessionInput:
    id: strawberry.ID = strawberry.field(description="Id of the session, from the list.")


@strawberry.type(description="The device that was signed out.")
class RevokeSessionPayload(Payload):
    revoked_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the session that has ended.")


@strawberry.type(description="How many devices were signed out.")
class RevokeOtherSessionsPayload(Payload):
    revoked: int | None = strawberry.field(default=None, description="How many sessions have ended.")


@strawberry.type
class SessionMutations:
    @mutation(description="Sign out one device. It ends at once; an open socket of it closes within half a minute.")
    async def revoke_session(self, info: Info, input: RevokeSessionInput) -> RevokeSessionPayload:
        viewer, wanted = info.context.require_viewer(), GlobalId.parse(input.id)
        session_id = wanted.key_as_uuid if wanted and wanted.type == "Session" else None
        async with info.context.write() as session:
            await sessions.revoke(session, viewer, session_id)
        return RevokeSessionPayload(revoked_id=input.id)

    @mutation(description="Sign out every device but this one.")
    async def revoke_other_sessions(self, info: Info) -> RevokeOtherSessionsPayload:
        viewer = info.context.require_viewer()
        async with info.context.write() as session:
            revoked = await sessions.end_others(session, viewer, "ended from the device list")
        return RevokeOtherSessionsPayload(revoked=revoked)
