"""Athlete: profile, availability, thresholds, zones.

Expand first, contract a release later: the code of the previous release keeps running while this is applied.
Long-lived locks are refused (lock_timeout 4 s): build indexes on large tables concurrently, in an autocommit block.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coachwatts.db.policies import protect_athlete_table

TABLES = ("athlete_profile", "availability", "threshold", "training_zone")


revision = "af726f740936"
down_revision = "3b1f0c5d7a92"


def upgrade() -> None:
    op.create_table(
        "athlete_profile",
        sa.Column("athlete_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("height_cm", sa.Numeric(precision=5, scale=1, asdecimal=False), nullable=True),
        sa.Column("athlete_context", sa.String(length=10000), nullable=True),
        sa.Column("planning_context", sa.String(length=10000), nullable=True),
        sa.Column("preferences", sa.String(length=10000), nullable=True),
        sa.Column("primary_sport", sa.Text(), nullable=True),
        sa.Column("auto_accept_thresholds", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "primary_sport IN ('RIDE', 'RUN', 'SWIM', 'ROW', 'SKI', 'OTHER')", name=op.f("ck_athlete_profile__primary_sport")
        ),
        sa.CheckConstraint("sex IN ('FEMALE', 'MALE', 'OTHER')", name=op.f("ck_athlete_profile__sex")),
        sa.CheckConstraint("date_of_birth >= '1900-01-01'", name=op.f("ck_athlete_profile__date_of_birth")),
        sa.CheckConstraint("height_cm BETWEEN 50 AND 260", name=op.f("ck_athlete_profile__height_cm")),
        sa.ForeignKeyConstraint(["athlete_id"], ["user_account.id"], name=op.f("fk_athlete_profile__athlete_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("athlete_id", "id", name=op.f("pk_athlete_profile")),
        sa.UniqueConstraint("athlete_id", name=op.f("uq_athlete_profile__athlete_id")),
    )
    op.create_table(
        "availability",
        sa.Column("athlete_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("disciplines", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("notes", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("disciplines <@ ARRAY['RIDE', 'RUN', 'SWIM', 'ROW', 'SKI', 'OTHER']", name=op.f("ck_availability__disciplines")),
        sa.CheckConstraint("minutes BETWEEN 0 AND 1440", name=op.f("ck_availability__minutes")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_availability__weekday")),
        sa.ForeignKeyConstraint(["athlete_id"], ["user_account.id"], name=op.f("fk_availability__athlete_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("athlete_id", "id", name=op.f("pk_availability")),
        sa.UniqueConstraint("athlete_id", "weekday", name=op.f("uq_availability__athlete_id_weekday")),
    )
    op.create_table(
        "threshold",
        sa.Column("athlete_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("ftp_watts", sa.SmallInteger(), nullable=True),
        sa.Column("cp_watts", sa.SmallInteger(), nullable=True),
        sa.Column("w_prime_j", sa.Integer(), nullable=True),
        sa.Column("lthr", sa.SmallInteger(), nullable=True),
        sa.Column("max_hr", sa.SmallInteger(), nullable=True),
        sa.Column("resting_hr", sa.SmallInteger(), nullable=True),
        sa.Column("threshold_speed_ms", sa.Double(), nullable=True),
        sa.Column("css_ms", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("discipline IN ('RIDE', 'RUN', 'SWIM', 'ROW', 'SKI', 'OTHER')", name=op.f("ck_threshold__discipline")),
        sa.CheckConstraint("source IN ('MANUAL', 'PROVIDER', 'ESTIMATED')", name=op.f("ck_threshold__source")),
        sa.CheckConstraint("status IN ('ACTIVE', 'PROPOSED', 'REJECTED')", name=op.f("ck_threshold__status")),
        sa.CheckConstraint("cp_watts BETWEEN 1 AND 699", name=op.f("ck_threshold__cp_watts")),
        sa.CheckConstraint("css_ms BETWEEN 0.1 AND 5", name=op.f("ck_threshold__css_ms")),
        sa.CheckConstraint("ftp_watts BETWEEN 1 AND 699", name=op.f("ck_threshold__ftp_watts")),
        sa.CheckConstraint("lthr BETWEEN 20 AND 260", name=op.f("ck_threshold__lthr")),
        sa.CheckConstraint("max_hr BETWEEN 20 AND 260", name=op.f("ck_threshold__max_hr")),
        sa.CheckConstraint("resting_hr BETWEEN 20 AND 260", name=op.f("ck_threshold__resting_hr")),
        sa.CheckConstraint("threshold_speed_ms BETWEEN 0.1 AND 20", name=op.f("ck_threshold__threshold_speed_ms")),
        sa.CheckConstraint("w_prime_j BETWEEN 1 AND 100000", name=op.f("ck_threshold__w_prime_j")),
        sa.CheckConstraint("effective_from >= '1900-01-01'", name=op.f("ck_threshold__effective_from")),
        sa.CheckConstraint("lthr < max_hr", name=op.f("ck_threshold__lthr_below_max_hr")),
        sa.CheckConstraint("resting_hr < lthr", name=op.f("ck_threshold__resting_hr_below_lthr")),
        sa.CheckConstraint("resting_hr < max_hr", name=op.f("ck_threshold__resting_hr_below_max_hr")),
        sa.ForeignKeyConstraint(["athlete_id"], ["user_account.id"], name=op.f("fk_threshold__athlete_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("athlete_id", "id", name=op.f("pk_threshold")),
    )
    op.create_index("ix_threshold__newest", "threshold", ["athlete_id", "effective_from", "id"], unique=False)
    op.create_index("ix_threshold__history", "threshold", ["athlete_id", "discipline", "effective_from", "id"], unique=False)
    op.create_index(
        "uq_threshold__active_day",
        "threshold",
        ["athlete_id", "discipline", "effective_from"],
        unique=True,
        postgresql_where=sa.text("status = 'ACTIVE'"),
    )
    op.create_table(
        "training_zone",
        sa.Column("athlete_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("lower", sa.Double(), nullable=False),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("discipline IN ('RIDE', 'RUN', 'SWIM', 'ROW', 'SKI', 'OTHER')", name=op.f("ck_training_zone__discipline")),
        sa.CheckConstraint("metric IN ('HR', 'POWER', 'PACE')", name=op.f("ck_training_zone__metric")),
        sa.CheckConstraint("number BETWEEN 1 AND 12", name=op.f("ck_training_zone__number")),
        sa.CheckConstraint("lower >= 0", name=op.f("ck_training_zone__lower")),
        sa.CheckConstraint("upper > lower", name=op.f("ck_training_zone__upper")),
        sa.ForeignKeyConstraint(["athlete_id"], ["user_account.id"], name=op.f("fk_training_zone__athlete_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("athlete_id", "id", name=op.f("pk_training_zone")),
        sa.UniqueConstraint(
            "athlete_id", "discipline", "metric", "number", name=op.f("uq_training_zone__athlete_id_discipline_metric_number")
        ),
    )

    for table in TABLES:
        for statement in protect_athlete_table(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("training_zone")
    op.drop_index("uq_threshold__active_day", table_name="threshold", postgresql_where=sa.text("status = 'ACTIVE'"))
    op.drop_index("ix_threshold__history", table_name="threshold")
    op.drop_index("ix_threshold__newest", table_name="threshold")
    op.drop_table("threshold")
    op.drop_table("availability")
    op.drop_table("athlete_profile")
