"""Identity: accounts, sign-in, trust.

Expand first, contract a release later: the code of the previous release keeps running while this is applied.
Long-lived locks are refused (lock_timeout 4 s): build indexes on large tables concurrently, in an autocommit block.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coachwatts.db.policies import (
    APP_ROLE,
    ENSURE_APP_ROLE,
    TOUCH_FUNCTION,
    grant,
    open_instance_table,
    protect_account_table,
    protect_audit_table,
)

OWNED_BY_USER = ("session", "access_token", "totp", "recovery_code", "email_token", "login_account", "consent", "idempotency_key")

revision = "e8d614d01e23"
down_revision = None


def upgrade() -> None:
    op.execute(ENSURE_APP_ROLE)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")  # readiness looks at it
    op.execute(TOUCH_FUNCTION)
    op.create_table(
        "admin_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_admin_link__token_hash")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("person_key", name=op.f("uq_erasure__person_key")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("acting_as", sa.String(length=20), nullable=True),
        sa.Column("athlete_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=True),
        sa.Column("entity_id", sa.String(length=80), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("actor_key", sa.String(length=64), nullable=True),
        sa.Column("athlete_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("acting_as IN ('COACH', 'ADMIN', 'TOKEN', 'SYSTEM')", name=op.f("ck_audit_event__acting_as")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event__actor", "audit_event", ["actor_id", "at", "id"], unique=False)
    op.create_index(
        "ix_audit_event__by_others",
        "audit_event",
        ["athlete_id", "at", "id"],
        unique=False,
        postgresql_where=sa.text("actor_id IS DISTINCT FROM athlete_id"),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bio", sa.String(length=2000), nullable=True),
        sa.Column("image", sa.String(length=2000), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("capabilities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("locale", sa.String(length=35), server_default="en", nullable=False),
        sa.Column("units", sa.Text(), server_default="METRIC", nullable=False),
        sa.Column("week_starts_on", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("capabilities <@ ARRAY['COACH', 'ADMIN']", name=op.f("ck_user_account__capabilities")),
        sa.CheckConstraint("units IN ('METRIC', 'IMPERIAL')", name=op.f("ck_user_account__units")),
        sa.CheckConstraint("week_starts_on BETWEEN 1 AND 7", name=op.f("ck_user_account__week_starts_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
    )
    op.create_index(
        "ix_user_account__deleted_at", "user_account", ["deleted_at"], unique=False, postgresql_where=sa.text("deleted_at IS NOT NULL")
    )
    op.create_index("uq_user_account__lower_email", "user_account", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_access_token__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token__token_hash")),
    )
    op.create_index(op.f("ix_access_token__user_id"), "access_token", ["user_id"], unique=False)
    op.create_table(
        "coaching_relationship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("athlete_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("invite_token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invite_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "areas <@ ARRAY['TRAINING', 'HEALTH', 'NUTRITION', 'PHOTOS', 'PLANS', 'REPORTS']", name=op.f("ck_coaching_relationship__areas")
        ),
        sa.CheckConstraint(
            "status = 'INVITED' OR status = 'ENDED' OR (coach_id IS NOT NULL AND athlete_id IS NOT NULL)",
            name=op.f("ck_coaching_relationship__both_known"),
        ),
        sa.CheckConstraint("status IN ('INVITED', 'ACTIVE', 'PAUSED', 'ENDED')", name=op.f("ck_coaching_relationship__status")),
        sa.CheckConstraint("coach_id IS DISTINCT FROM athlete_id", name=op.f("ck_coaching_relationship__two_people")),
        sa.ForeignKeyConstraint(["athlete_id"], ["user_account.id"], name=op.f("fk_coaching_relationship__athlete_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["coach_id"], ["user_account.id"], name=op.f("fk_coaching_relationship__coach_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_relationship")),
        sa.UniqueConstraint("invite_token_hash", name=op.f("uq_coaching_relationship__invite_token_hash")),
    )
    op.create_index("ix_coaching_relationship__athlete", "coaching_relationship", ["athlete_id", "status"], unique=False)
    op.create_index("ix_coaching_relationship__coach", "coaching_relationship", ["coach_id", "status"], unique=False)
    op.create_index(
        "uq_coaching_relationship__live",
        "coaching_relationship",
        ["coach_id", "athlete_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('ACTIVE', 'PAUSED')"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('HEALTH_DATA', 'AI_PROCESSING', 'COACH_SHARING', 'E_MAIL')", name=op.f("ck_consent__kind")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_consent__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent__user_id"), "consent", ["user_id"], unique=False)
    op.create_index("uq_consent__open", "consent", ["user_id", "kind"], unique=True, postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.create_table(
        "email_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("identifier", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'KEEP_EMAIL', 'UNLOCK_ACCOUNT')",
            name=op.f("ck_email_token__purpose"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_email_token__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_email_token__token_hash")),
    )
    op.create_index(op.f("ix_email_token__user_id"), "email_token", ["user_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=100), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_idempotency_key__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("user_id", "operation", "key", name=op.f("uq_idempotency_key__user_id_operation_key")),
    )
    op.create_index(op.f("ix_idempotency_key__user_id"), "idempotency_key", ["user_id"], unique=False)
    op.create_table(
        "login_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("provider_account_id", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("access_token", sa.LargeBinary(), nullable=True),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        sa.Column("id_token", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_type", sa.String(length=40), nullable=True),
        sa.Column("scope", sa.String(length=1000), nullable=True),
        sa.Column("session_state", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_login_account__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_account")),
        sa.UniqueConstraint("provider", "provider_account_id", name=op.f("uq_login_account__provider_provider_account_id")),
    )
    op.create_index(op.f("ix_login_account__user_id"), "login_account", ["user_id"], unique=False)
    op.create_table(
        "oauth_flow",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("pkce_verifier", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("return_to", sa.String(length=2000), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_oauth_flow__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_flow")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_oauth_flow__state_hash")),
    )
    op.create_index("ix_oauth_flow__expires_at", "oauth_flow", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_flow__user_id"), "oauth_flow", ["user_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recovery_code__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_code__user_id_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code__user_id"), "recovery_code", ["user_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remember_me", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("second_factor_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=512), nullable=True),
        sa.Column("device_type", sa.String(length=40), nullable=True),
        sa.Column("browser", sa.String(length=80), nullable=True),
        sa.Column("os", sa.String(length=80), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_session__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session__token_hash")),
    )
    op.create_index(op.f("ix_session__user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "totp",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_totp__user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp")),
        sa.UniqueConstraint("user_id", name=op.f("uq_totp__user_id")),
    )

    for statement in protection():
        op.execute(statement)


def protection() -> Iterator[str]:
    yield from protect_account_table("user_account", ["id"])
    for table in OWNED_BY_USER:
        yield from protect_account_table(table)
    yield from protect_account_table("coaching_relationship", ["coach_id", "athlete_id"])
    yield from protect_audit_table("audit_event", ["actor_id", "athlete_id"])
    for table in ("oauth_flow", "admin_link"):
        yield from open_instance_table(table)
    yield from grant("setting")
    yield from grant("erasure", ("SELECT", "INSERT"))


def downgrade() -> None:
    op.drop_table("totp")
    op.drop_index(op.f("ix_session__user_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_recovery_code__user_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_index(op.f("ix_oauth_flow__user_id"), table_name="oauth_flow")
    op.drop_index("ix_oauth_flow__expires_at", table_name="oauth_flow")
    op.drop_table("oauth_flow")
    op.drop_index(op.f("ix_login_account__user_id"), table_name="login_account")
    op.drop_table("login_account")
    op.drop_index(op.f("ix_idempotency_key__user_id"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index(op.f("ix_email_token__user_id"), table_name="email_token")
    op.drop_table("email_token")
    op.drop_index("uq_consent__open", table_name="consent", postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.drop_index(op.f("ix_consent__user_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(
        "uq_coaching_relationship__live", table_name="coaching_relationship", postgresql_where=sa.text("status IN ('ACTIVE', 'PAUSED')")
    )
    op.drop_index("ix_coaching_relationship__coach", table_name="coaching_relationship")
    op.drop_index("ix_coaching_relationship__athlete", table_name="coaching_relationship")
    op.drop_table("coaching_relationship")
    op.drop_index(op.f("ix_access_token__user_id"), table_name="access_token")
    op.drop_table("access_token")
    op.drop_index("uq_user_account__lower_email", table_name="user_account")
    op.drop_index("ix_user_account__deleted_at", table_name="user_account", postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.drop_table("user_account")
    op.drop_table("setting")
    op.drop_index("ix_audit_event__by_others", table_name="audit_event", postgresql_where=sa.text("actor_id IS DISTINCT FROM athlete_id"))
    op.drop_index("ix_audit_event__actor", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("erasure")
    op.drop_table("admin_link")
    op.execute("DROP FUNCTION touch_updated_at")
