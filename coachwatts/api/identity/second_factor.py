"""The authenticator of an account: switch it on and off, and the recovery codes."""

from datetime import datetime
from uuid import UUID

import strawberry

from coachwatts.api import qr
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.api.transport.planning import NO_TOKEN
from coachwatts.identity import second_factor
from coachwatts.identity.second_factor import Proof, WrongCode


@strawberry.type(description="The second step of signing in, switched on.")
class SecondFactor:
    enabled_at: datetime = strawberry.field(description="Since when a code is asked for.")
    recovery_codes_left: int = strawberry.field(description="How many recovery codes have not been used.")


@strawberry.type
class SecondFactorFields:
    user_id: strawberry.Private[UUID]

    @strawberry.field(
        description="The second step of signing in; null while it is off. Only for the person themselves.", metadata={"scopes": NO_TOKEN}
    )
    async def second_factor(self, info: Info) -> SecondFactor | None:
        if not info.context.is_viewer(self.user_id):
            return None
        async with info.context.read() as session:
            found = await second_factor.state(session, self.user_id)
        return SecondFactor(enabled_at=found.enabled_at, recovery_codes_left=found.recovery_codes_left) if found else None


@strawberry.input(description="One of the two.")
class SecondFactorInput:
    code: str | None = strawberry.field(default=None, description="Six digits from the authenticator.")
    recovery_code: str | None = strawberry.field(default=None, description="One of the recovery codes. Each opens once.")

    def proof(self) -> Proof:
        return Proof(self.code, self.recovery_code)


@strawberry.type(description="The secret for the authenticator. Nothing is switched on yet.")
class StartSecondFactorPayload(Payload):
    secret: str | None = strawberry.field(default=None, description="To be typed into the authenticator, where there is no camera.")
    uri: str | None = strawberry.field(default=None, description="The otpauth:// address: what a QR code for the authenticator holds.")
    qr_code: str | None = strawberry.field(default=None, description="That QR code as SVG, to be put into a page as it is.")


@strawberry.input(description="Shows that the authenticator holds the secret.")
class EnableSecondFactorInput:
    code: str = strawberry.field(description="Six digits from the authenticator.")


@strawberry.type(description="Codes for the day the authenticator is lost. Shown this once.")
class RecoveryCodesPayload(Payload):
    recovery_codes: list[str] | None = strawberry.field(default=None, description="Write them down; each opens once.")


@strawberry.type(description="The second step is off.")
class DisableSecondFactorPayload(Payload):
    pass


@strawberry.type
class SecondFactorMutations:
    @mutation(description="Begin to switch the second step on: get a secret for your authenticator.")
    async def start_second_factor(self, info: Info) -> StartSecondFactorPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            setup = await second_factor.start(session, context.runtime, viewer)
        return StartSecondFactorPayload(secret=setup.secret, uri=setup.uri, qr_code=qr.draw(setup.uri, "QR code for your authenticator"))

    @mutation(description="Switch the second step on, with a first code. Every other device is signed out.")
    async def enable_second_factor(self, info: Info, input: EnableSecondFactorInput) -> RecoveryCodesPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            codes = await second_factor.enable(session, context.runtime, viewer, context.client, input.code)
        if isinstance(codes, WrongCode):
            raise codes
        return RecoveryCodesPayload(recovery_codes=list(codes))

    @mutation(description="Switch the second step off. Every other device is signed out.")
    async def disable_second_factor(self, info: Info, input: SecondFactorInput) -> DisableSecondFactorPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            wrong = await second_factor.disable(session, context.runtime, viewer, context.client, input.proof())
        if wrong:
            raise wrong
        return DisableSecondFactorPayload()

    @mutation(description="Get new recovery codes. Those of before open nothing any longer.")
    async def renew_recovery_codes(self, info: Info) -> RecoveryCodesPayload:
        context, viewer = info.context, info.context.require_viewer()
        async with context.write() as session:
            codes = await second_factor.renew_codes(session, viewer, context.client)
        return RecoveryCodesPayload(recovery_codes=list(codes))
