"""What the athlete adds to `User` and to the mutations."""

import strawberry

from coachwatts.api.athletes.availability import AvailabilityFields, AvailabilityMutations
from coachwatts.api.athletes.profile import ProfileFields, ProfileMutations
from coachwatts.api.athletes.proposal_decisions import ProposalMutations
from coachwatts.api.athletes.threshold_changes import ThresholdMutations
from coachwatts.api.athletes.threshold_fields import ThresholdFields
from coachwatts.api.athletes.zone_changes import ZoneMutations
from coachwatts.api.athletes.zones import ZoneFields


@strawberry.type
class AthleteFields(ProfileFields, ThresholdFields, ZoneFields, AvailabilityFields):
    pass


@strawberry.type
class AthleteMutations(ProfileMutations, ThresholdMutations, ProposalMutations, ZoneMutations, AvailabilityMutations):
    pass
