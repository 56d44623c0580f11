from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Numeric, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from coachwatts.models.base import AthleteRow, between, one_of


class Sex(StrEnum):
    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"


class Discipline(StrEnum):
    """What thresholds and zones belong to: sports that share their physiology share a discipline."""

    RIDE = "RIDE"
    RUN = "RUN"
    SWIM = "SWIM"
    ROW = "ROW"
    SKI = "SKI"
    OTHER = "OTHER"


class ThresholdSource(StrEnum):
    MANUAL = "MANUAL"
    PROVIDER = "PROVIDER"
    ESTIMATED = "ESTIMATED"


class ThresholdStatus(StrEnum):
    ACTIVE = "ACTIVE"
    PROPOSED = "PROPOSED"
    REJECTED = "REJECTED"  # kept, so that the same is not proposed again


class ThresholdKind(StrEnum):
    """The values that a threshold may hold: its columns."""

    FTP_WATTS = "ftp_watts"
    CP_WATTS = "cp_watts"
    W_PRIME_J = "w_prime_j"
    LTHR = "lthr"
    MAX_HR = "max_hr"
    RESTING_HR = "resting_hr"
    THRESHOLD_SPEED_MS = "threshold_speed_ms"
    CSS_MS = "css_ms"


THRESHOLD_RANGES: dict[ThresholdKind, tuple[float, float]] = {
    ThresholdKind.FTP_WATTS: (1, 699),
    ThresholdKind.CP_WATTS: (1, 699),
    ThresholdKind.W_PRIME_J: (1, 100_000),
    ThresholdKind.LTHR: (20, 260),
    ThresholdKind.MAX_HR: (20, 260),
    ThresholdKind.RESTING_HR: (20, 260),
    ThresholdKind.THRESHOLD_SPEED_MS: (0.1, 20),
    ThresholdKind.CSS_MS: (0.1, 5),
}


class ZoneMetric(StrEnum):
    HR = "HR"
    POWER = "POWER"
    PACE = "PACE"


class AthleteProfile(AthleteRow):
    __tablename__ = "athlete_profile"

    date_of_birth: Mapped[date | None]
    sex: Mapped[str | None]
    height_cm: Mapped[float | None] = mapped_column(Numeric(5, 1, asdecimal=False))
    athlete_context: Mapped[str | None] = mapped_column(String(10_000))
    planning_context: Mapped[str | None] = mapped_column(String(10_000))
    preferences: Mapped[str | None] = mapped_column(String(10_000))
    primary_sport: Mapped[str | None]
    auto_accept_thresholds: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (
        UniqueConstraint("athlete_id"),
        one_of("sex", Sex),
        one_of("primary_sport", Discipline),
        between("height_cm", 50, 260),
        CheckConstraint("date_of_birth >= '1900-01-01'", name="date_of_birth"),
    )


class Availability(AthleteRow):
    """How many minutes a weekday holds, and for what. No row: nothing was said about that day."""

    __tablename__ = "availability"

    weekday: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int]
    disciplines: Mapped[list[str]]
    notes: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        UniqueConstraint("athlete_id", "weekday"),
        between("weekday", 1, 7),
        between("minutes", 0, 1440),
        CheckConstraint("disciplines <@ ARRAY['RIDE', 'RUN', 'SWIM', 'ROW', 'SKI', 'OTHER']", name="disciplines"),
    )


class Threshold(AthleteRow):
    """Valid from its date until the next one of the discipline. Columns are independent: one test sets one of them."""

    __tablename__ = "threshold"

    discipline: Mapped[str]
    effective_from: Mapped[date]
    ftp_watts: Mapped[int | None] = mapped_column(SmallInteger)
    cp_watts: Mapped[int | None] = mapped_column(SmallInteger)
    w_prime_j: Mapped[int | None]
    lthr: Mapped[int | None] = mapped_column(SmallInteger)
    max_hr: Mapped[int | None] = mapped_column(SmallInteger)
    resting_hr: Mapped[int | None] = mapped_column(SmallInteger)
    threshold_speed_ms: Mapped[float | None]
    css_ms: Mapped[float | None]
    source: Mapped[str] = mapped_column(default=ThresholdSource.MANUAL)
    status: Mapped[str] = mapped_column(default=ThresholdStatus.ACTIVE)
    reason: Mapped[str | None] = mapped_column(String(500))  # why it is proposed

    __table_args__ = (
        one_of("discipline", Discipline),
        one_of("source", ThresholdSource),
        one_of("status", ThresholdStatus),
        *(between(kind.value, *limits) for kind, limits in THRESHOLD_RANGES.items()),
        CheckConstraint("effective_from >= '1900-01-01'", name="effective_from"),
        CheckConstraint("lthr < max_hr", name="lthr_below_max_hr"),
        CheckConstraint("resting_hr < lthr", name="resting_hr_below_lthr"),
        CheckConstraint("resting_hr < max_hr", name="resting_hr_below_max_hr"),
        Index("ix_threshold__newest", "athlete_id", "effective_from", "id"),
        Index("ix_threshold__history", "athlete_id", "discipline", "effective_from", "id"),
        Index(
            "uq_threshold__active_day",
            "athlete_id",
            "discipline",
            "effective_from",
            unique=True,
            postgresql_where=text("status = 'ACTIVE'"),
        ),
    )


class TrainingZone(AthleteRow):
    """A custom zone. Half-open [lower, upper); default zones are derived from thresholds and never stored."""

    __tablename__ = "training_zone"

    discipline: Mapped[str]
    metric: Mapped[str]
    number: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(60))
    lower: Mapped[float]
    upper: Mapped[float | None]  # none: open at the top
    description: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        UniqueConstraint("athlete_id", "discipline", "metric", "number"),
        one_of("discipline", Discipline),
        one_of("metric", ZoneMetric),
        between("number", 1, 12),
        CheckConstraint("lower >= 0", name="lower"),
        CheckConstraint("upper > lower", name="upper"),
    )
