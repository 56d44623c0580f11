"""The athlete's enums in the words of the schema, and what a personal token needs to get there."""

import coachwatts.api.identity.types  # noqa: F401 - there Weekday gets its words, before anything here uses it
from coachwatts.api.enums import describe
from coachwatts.athletes.zones import WhyNoZones
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.models.athlete import Discipline, Sex, ThresholdKind, ThresholdSource, ThresholdStatus, ZoneMetric
from coachwatts.models.trust import Area

READ = {"scopes": (TokenScope.ATHLETE_READ,)}
WRITE = (TokenScope.ATHLETE_WRITE,)
AREA = Area.TRAINING  # training cannot be read without profile, thresholds, zones and time, so one grant covers them

describe(
    Sex,
    "For formulas that know two sexes; the others are left out where none is given.",
    FEMALE="Female.",
    MALE="Male.",
    OTHER="Neither, or prefers not to say.",
)
describe(
    Discipline,
    "What thresholds and zones belong to. Sports that share their physiology share a discipline.",
    RIDE="Cycling of every kind.",
    RUN="Running, on road, trail or treadmill.",
    SWIM="Swimming.",
    ROW="Rowing, on water or indoors.",
    SKI="Cross-country skiing.",
    OTHER="Everything else.",
)
describe(
    ThresholdKind,
    "The values that a threshold may hold.",
    FTP_WATTS="Functional threshold power in W.",
    CP_WATTS="Critical power in W.",
    W_PRIME_J="Work above critical power until exhaustion, W', in J.",
    LTHR="Heart rate at threshold in bpm.",
    MAX_HR="Maximum heart rate in bpm.",
    RESTING_HR="Resting heart rate in bpm.",
    THRESHOLD_SPEED_MS="Speed at threshold in m/s; threshold pace as speed.",
    CSS_MS="Critical swim speed in m/s.",
)
describe(
    ThresholdSource,
    "Who said it.",
    MANUAL="The athlete.",
    PROVIDER="A connected service.",
    ESTIMATED="This server, from workouts.",
)
describe(
    ThresholdStatus,
    "Whether it counts.",
    ACTIVE="It counts from its day on.",
    PROPOSED="It waits for the athlete's word and counts for nothing yet.",
    REJECTED="The athlete said no. Kept, so that the same is not proposed again.",
)
describe(
    ZoneMetric,
    "What zones divide.",
    HR="Heart rate in bpm.",
    POWER="Power in W.",
    PACE="Pace, as speed in m/s: more is faster.",
)
describe(
    WhyNoZones,
    "Why there are no zones.",
    NO_THRESHOLD="No threshold to derive them from was valid on that day.",
    NO_FORMULA="There is no sound formula for this metric in this discipline. Own zones can be set.",
)
