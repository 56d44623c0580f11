"""How the database stands towards this code: its revision, and what our role may do."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import text

from coachwatts.db import migrations
from coachwatts.db.session import ReadSession

LOOK = text("""
SELECT to_regclass('public.alembic_version') IS NOT NULL AS migrated, rolsuper OR rolbypassrls OR EXISTS (
         SELECT FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_has_role(r.oid, relowner, 'USAGE')) AS unbound
FROM pg_roles r WHERE rolname = current_user
""")


@dataclass(frozen=True, slots=True)
class Standing:
    revision: str | None
    is_bound: bool
    """Row-level security holds for our role: no superuser, no BYPASSRLS, no owner of tables nor a member of their owner."""

    def why_not(self) -> str | None:
        if self.revision is None or (self.revision != _head() and self.revision in _known()):
            return f"the database is at revision {self.revision or 'none'}, this release needs {_head()}: run coachwatts migrate"
        if not self.is_bound:
            return "row-level security does not bind the role of DATABASE_URL: coachwatts doctor says what to do"
        return None  # a revision unknown here comes from a later release, whose migrations keep this one running


async def look(session: ReadSession) -> Standing:
    row = (await session.execute(LOOK)).one()
    return Standing(await migrations.current(session) if row.migrated else None, not row.unbound)


@cache
def _head() -> str:
    return migrations.head()


@cache
def _known() -> frozenset[str]:
    return migrations.known_revisions()
