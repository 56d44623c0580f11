"""The statements that put a table under its class: row-level security, grants, the trigger for updated_at.

Migrations call these. A released migration must keep its meaning, so a rule that changes gets a new function.
"""

from collections.abc import Iterable

from coachwatts.db.engine import APP_ROLE

READ_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")

# After COMMIT the setting reads '' on a reused connection, hence nullif. The sub-select is evaluated once, not per row.
_IDS = "(SELECT string_to_array(nullif(current_setting('{setting}', true), ''), ','))::uuid[]"
ATHLETES = _IDS.format(setting="app.athletes")
ACCOUNTS = _IDS.format(setting="app.accounts")

TOUCH_FUNCTION = """
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.updated_at = clock_timestamp(); RETURN NEW; END $$
"""


def protect_athlete_table(table: str) -> list[str]:
    return [*_secure(table, f"athlete_id = ANY({ATHLETES})"), *grant(table), touch(table)]


def protect_account_table(table: str, owners: Iterable[str] = ("user_id",)) -> list[str]:
    rule = " OR ".join(f"{owner} = ANY({ACCOUNTS})" for owner in owners)
    return [*_secure(table, rule), *grant(table), touch(table)]


def protect_audit_table(table: str, owners: Iterable[str]) -> list[str]:
    """Anybody may add a line about anybody; one reads one's own; nobody changes any."""
    rule = " OR ".join(f"{owner} = ANY({ACCOUNTS})" for owner in owners)
    return [
        *_force(table),
        f"CREATE POLICY scope ON {table} FOR SELECT USING ({rule})",
        f"CREATE POLICY append ON {table} FOR INSERT WITH CHECK (true)",
        *grant(table, ("SELECT", "INSERT")),
    ]


def open_instance_table(table: str) -> list[str]:
    return [*grant(table), touch(table)]


def grant(table: str, rights: Iterable[str] = READ_WRITE) -> list[str]:
    return [f"GRANT {', '.join(rights)} ON {table} TO {APP_ROLE}"]


def touch(table: str) -> str:
    return f"CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"


def narrow_function(signature: str, returns: str, body: str, volatility: str = "STABLE") -> list[str]:
    """A statement that goes past row-level security, as the owner, and does and gives back no more than its body says."""
    name = signature.split("(", maxsplit=1)[0]
    return [
        f"""CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql {volatility} SECURITY DEFINER
            SET search_path = public, pg_temp AS $$ {body} $$""",
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {name} TO {APP_ROLE}",
    ]


def _force(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        # Without it the owner's own data migration or dump would see no row, in silence.
        f"CREATE POLICY maintenance ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
    ]


def _secure(table: str, rule: str) -> list[str]:
    return [*_force(table), f"CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule})"]


# From PostgreSQL 16 on, whoever makes a role is its member, but may not step down to it (SET ROLE) before it grants itself that.
ENSURE_APP_ROLE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    CREATE ROLE {APP_ROLE} NOLOGIN;
  END IF;
  IF NOT pg_has_role(current_user, '{APP_ROLE}',
                     CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
    GRANT {APP_ROLE} TO CURRENT_USER;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'The role {APP_ROLE} is missing and this user may not create it. Let an administrator run: '
    'CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO "%"', current_user;
END $$
"""
