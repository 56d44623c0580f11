"""Look-ups that go past row-level security, one narrow function each."""

from alembic import op

from coachwatts.db.policies import narrow_function

revision = "3b1f0c5d7a92"
down_revision = "e8d614d01e23"

# Before anybody is known there is no scope. Each of these finds by a secret or a unique name, and nothing else.
SIGNED_IN = """TABLE (
  session_id uuid, access_token_id uuid, user_id uuid, email text, email_verified_at timestamptz, name text, capabilities text[],
  timezone text, locale text, units text, week_starts_on smallint, is_active boolean, deleted_at timestamptz,
  expires_at timestamptz, last_seen_at timestamptz, confirmed_at timestamptz, remember_me boolean, second_factor_due boolean,
  revoked_at timestamptz, scopes text[])"""
ACCOUNT_COLUMNS = (
    "u.id, u.email, u.email_verified_at, u.name, u.capabilities, u.timezone, u.locale, u.units, u.week_starts_on, u.is_active, u.deleted_at"
)
ACCOUNTS_WANTED = "(wanted IS NULL OR position(lower(wanted) IN lower(email)) > 0 OR position(lower(wanted) IN lower(name)) > 0)"
# Bounds that are always there keep the primary key usable under a generic plan.
LOWEST, HIGHEST = "'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"
ACCOUNTS_BETWEEN = f"id > coalesce(above, {LOWEST}) AND id < coalesce(below, {HIGHEST}) AND {ACCOUNTS_WANTED}"
LOOK_UPS = (
    (
        "find_by_session_token(wanted bytea)",
        SIGNED_IN,
        f"""SELECT s.id, NULL::uuid, {ACCOUNT_COLUMNS}, s.expires_at, s.last_seen_at, s.confirmed_at, s.remember_me,
            s.second_factor_due, s.revoked_at, NULL::text[]
            FROM session s JOIN user_account u ON u.id = s.user_id WHERE s.token_hash = wanted""",
    ),
    (
        "find_by_access_token(wanted bytea)",
        SIGNED_IN,
        f"""SELECT NULL::uuid, t.id, {ACCOUNT_COLUMNS}, t.expires_at, t.last_used_at, NULL::timestamptz, false, false,
            t.revoked_at, t.scopes
            FROM access_token t JOIN user_account u ON u.id = t.user_id WHERE t.token_hash = wanted""",
    ),
    ("find_user_by_email(wanted text)", "uuid", "SELECT id FROM user_account WHERE lower(email) = lower(wanted)"),
    (
        "find_user_by_login(wanted_provider text, wanted_id text)",
        "uuid",
        "SELECT user_id FROM login_account WHERE provider = wanted_provider AND provider_account_id = wanted_id",
    ),
    ("find_user_by_email_token(wanted bytea)", "uuid", "SELECT user_id FROM email_token WHERE token_hash = wanted"),
    (
        "find_inviter(wanted bytea)",
        "uuid",
        """SELECT u.id FROM coaching_relationship r JOIN user_account u ON u.id = coalesce(r.coach_id, r.athlete_id)
           WHERE r.invite_token_hash = wanted AND r.status = 'INVITED' AND r.invite_expires_at > now()
             AND u.is_active AND u.deleted_at IS NULL""",
    ),
    ("has_admin()", "boolean", "SELECT EXISTS (SELECT FROM user_account WHERE 'ADMIN' = ANY (capabilities) AND is_active)"),
    (
        "account_ids(above uuid, below uuid, newest_first boolean, wanted text, most integer)",
        "SETOF uuid",
        f"""(SELECT id FROM user_account WHERE newest_first AND {ACCOUNTS_BETWEEN} ORDER BY id DESC LIMIT most)
            UNION ALL
            (SELECT id FROM user_account WHERE NOT newest_first AND {ACCOUNTS_BETWEEN} ORDER BY id LIMIT most)""",
    ),
    (
        "account_count(wanted text)",
        "bigint",
        f"SELECT count(*) FROM user_account WHERE {ACCOUNTS_WANTED}",
    ),
    (
        "other_admins(besides uuid)",
        "boolean",
        """SELECT EXISTS (SELECT FROM user_account
                          WHERE 'ADMIN' = ANY (capabilities) AND is_active AND deleted_at IS NULL AND id <> besides)""",
    ),
    ("account_ids_to_erase(deleted_before timestamptz)", "SETOF uuid", "SELECT id FROM user_account WHERE deleted_at <= deleted_before"),
)

# Names go, what happened and when stays. The application role may change no line of the trail but by this, and by this only the
# lines of somebody who asked to be erased.
FORGET = (
    "forget_in_audit(person uuid, person_key text)",
    "void",
    """UPDATE audit_event SET
         actor_key = CASE WHEN actor_id = person THEN person_key ELSE actor_key END,
         athlete_key = CASE WHEN athlete_id = person THEN person_key ELSE athlete_key END,
         actor_id = nullif(actor_id, person), athlete_id = nullif(athlete_id, person),
         before = NULL, after = NULL, ip = NULL, reason = NULL, entity_id = NULL
       WHERE (actor_id = person OR (athlete_id = person AND actor_id IS DISTINCT FROM athlete_id))
         AND EXISTS (SELECT FROM user_account WHERE id = person AND deleted_at IS NOT NULL)""",
)


def upgrade() -> None:
    for signature, returns, body in LOOK_UPS:
        for statement in narrow_function(signature, returns, body):
            op.execute(statement)
    for statement in narrow_function(*FORGET, volatility="VOLATILE"):
        op.execute(statement)


def downgrade() -> None:
    for signature, _, _ in LOOK_UPS:
        op.execute(f"DROP FUNCTION {signature.split('(')[0]}")
    op.execute("DROP FUNCTION forget_in_audit")
