from datetime import datetime
from typing import Self

import strawberry

from coachwatts.api.context import Info
from coachwatts.api.enums import describe
from coachwatts.api.mutation import Payload, mutation
from coachwatts.identity import consents
from coachwatts.models.trust import Consent as Row
from coachwatts.models.trust import ConsentKind

describe(
    ConsentKind,
    "What a person can agree to.",
    HEALTH_DATA="That health data is kept and worked with here.",
    AI_PROCESSING="That data which its source allows for it is sent to a language model.",
    COACH_SHARING="That coaches see what is granted to them. Withdrawing ends all coaching relationships.",
    E_MAIL="That news and digests are sent by e-mail.",
)


@strawberry.type(description="What somebody agreed to, in which wording, and until when.")
class Consent:
    kind: ConsentKind = strawberry.field(description="What it is about.")
    version: str = strawberry.field(description="The wording that was agreed to.")
    granted_at: datetime = strawberry.field(description="When it was given.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was withdrawn; null while it stands.")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        return cls(kind=ConsentKind(row.kind), version=row.version, granted_at=row.granted_at, withdrawn_at=row.withdrawn_at)


@strawberry.type(description="The wording of a consent that is in force.")
class ConsentWording:
    kind: ConsentKind = strawberry.field(description="What it is about.")
    version: str = strawberry.field(description="What to give when somebody agrees to it.")


@strawberry.type
class ConsentQueries:
    @strawberry.field(description="The wordings in force, for whoever asks people for their consent.", metadata={"scopes": (), "items": 4})
    def consent_wordings(self) -> list[ConsentWording]:
        return [ConsentWording(kind=kind, version=version) for kind, version in consents.VERSIONS.items()]


@strawberry.input(description="What one agrees to.")
class GrantConsentInput:
    kind: ConsentKind = strawberry.field(description="What it is about.")
    version: str = strawberry.field(description="The wording that was shown, such as 2026-11.")


@strawberry.input(description="What one no longer agrees to.")
class WithdrawConsentInput:
    kind: ConsentKind = strawberry.field(description="What it is about.")


@strawberry.type(description="The consent as it is now; null when there was none to withdraw.")
class ConsentPayload(Payload):
    consent: Consent | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class ConsentMutations:
    @mutation(description="Agree to something. Agreeing twice is agreeing once.")
    async def grant_consent(self, info: Info, input: GrantConsentInput) -> ConsentPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await consents.grant(session, viewer, context.client, input.kind, input.version)
        return ConsentPayload(consent=Consent.from_row(row))

    @mutation(description="Withdraw a consent. It takes effect at once.")
    async def withdraw_consent(self, info: Info, input: WithdrawConsentInput) -> ConsentPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            row = await consents.withdraw(session, viewer, context.client, input.kind)
        return ConsentPayload(consent=Consent.from_row(row) if row else None)
