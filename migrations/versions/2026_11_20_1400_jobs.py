"""Jobs: what must run.

Expand first, contract a release later: the code of the previous release keeps running while this is applied.
Long-lived locks are refused (lock_timeout 4 s): build indexes on large tables concurrently, in an autocommit block.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coachwatts.db.policies import narrow_function, open_instance_table

revision = "d54bad933b7a"
down_revision = "af726f740936"

# Nobody's scope holds the rows of everybody, so cleaning goes past row-level security. What is old is fixed here:
# whoever may call these cannot delete anything that still counts.
PURGES = {
    "session": "least(expires_at, revoked_at) < now() - interval '30 days'",
    "email_token": "expires_at < now() - interval '1 day'",
    "idempotency_key": "expires_at < now()",
}


def upgrade() -> None:
    op.create_table(
        "job_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_pause")),
        sa.UniqueConstraint("kind", name=op.f("uq_job_pause__kind")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("max_attempts", sa.SmallInteger(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=2000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('QUEUED', 'RUNNING', 'DONE', 'DEAD', 'CANCELLED')", name=op.f("ck_job__state")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_job__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job__dead", "job", ["kind"], unique=False, postgresql_where=sa.text("state = 'DEAD'"))
    op.create_index("ix_job__due", "job", [sa.text("priority DESC"), "run_at"], postgresql_where=sa.text("state = 'QUEUED'"))
    op.create_index("ix_job__finished_at", "job", ["finished_at"], unique=False, postgresql_where=sa.text("finished_at IS NOT NULL"))
    op.create_index("ix_job__leases", "job", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'RUNNING'"))
    op.create_index(op.f("ix_job__user_id"), "job", ["user_id"], unique=False)
    for name, state in (("uq_job__waiting", "QUEUED"), ("uq_job__running", "RUNNING")):
        op.create_index(
            name,
            "job",
            ["kind", "dedupe_key"],
            unique=True,
            postgresql_where=sa.text(f"state = '{state}' AND dedupe_key IS NOT NULL"),
        )

    op.create_table(
        "job_tick",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_tick")),
        sa.UniqueConstraint("kind", name=op.f("uq_job_tick__kind")),
    )

    for table in ("job", "job_pause", "job_tick"):
        for statement in open_instance_table(table):
            op.execute(statement)
    for table, is_old in PURGES.items():
        body = f"""WITH gone AS (DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {is_old} LIMIT most) RETURNING 1)
            SELECT count(*)::integer FROM gone"""
        for statement in narrow_function(f"purge_{table}(most integer)", "integer", body, volatility="VOLATILE"):
            op.execute(statement)


def downgrade() -> None:
    for table in PURGES:
        op.execute(f"DROP FUNCTION purge_{table}")
    op.drop_table("job_tick")
    op.drop_table("job")
    op.drop_table("job_pause")
