"""The athlete's word about proposed thresholds."""

import strawberry

from coachwatts.api.athletes.inputs import author_of, threshold_key
from coachwatts.api.athletes.threshold_changes import SavedThreshold
from coachwatts.api.athletes.thresholds import Threshold
from coachwatts.api.athletes.words import WRITE
from coachwatts.api.context import Info
from coachwatts.api.mutation import Payload, mutation
from coachwatts.athletes import proposals


@strawberry.input(description="Which proposal to accept.")
class AcceptThresholdInput:
    id: strawberry.ID = strawberry.field(description="Id of the proposed threshold.")


@strawberry.type(description="The threshold that counts now. It is the day's own where there was one already.")
class AcceptThresholdPayload(SavedThreshold):
    pass


@strawberry.input(description="Which proposal to reject.")
class RejectThresholdInput:
    id: strawberry.ID = strawberry.field(description="Id of the proposed threshold.")


@strawberry.type(description="The proposal, rejected.")
class RejectThresholdPayload(Payload):
    threshold: Threshold | None = strawberry.field(default=None, description="The proposal as it is now.")


@strawberry.type
class ProposalMutations:
    @mutation(description="Accept a proposed threshold: its values count from its day on.", scopes=WRITE)
    async def accept_threshold(self, info: Info, input: AcceptThresholdInput) -> AcceptThresholdPayload:
        author, athlete_id = author_of(info.context)
        wanted = threshold_key(input.id, athlete_id)
        async with info.context.write() as session:
            saved = await proposals.accept(session, author, athlete_id, wanted)
        return AcceptThresholdPayload.of(saved)

    @mutation(description="Reject a proposed threshold. The same is not proposed again.", scopes=WRITE)
    async def reject_threshold(self, info: Info, input: RejectThresholdInput) -> RejectThresholdPayload:
        author, athlete_id = author_of(info.context)
        wanted = threshold_key(input.id, athlete_id)
        async with info.context.write() as session:
            row = await proposals.reject(session, author, athlete_id, wanted)
        return RejectThresholdPayload(threshold=Threshold.from_row(row))
