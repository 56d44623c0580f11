"""How the database stands towards this code: its revision, and what our role may do."""

from dataclasses import dataclass
from enum import Enum, auto
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


class Age(Enum):
    BEHIND = auto()  # of this code, or not made yet
    LEVEL = auto()
    AHEAD = auto()  # made by a later release, whose migrations keep this one running


@dataclass(frozen=True, slots=True)
class Standing:
    revision: str | None
    is_bound: bool
    """Row-level security holds for our role: no superuser, no BYPASSRLS, no owner of tables nor a member of their owner."""

    @property
    def age(self) -> Age:
        if self.revision == head():
            return Age.LEVEL
        return Age.BEHIND if self.revision is None or self.revision in _known() else Age.AHEAD

    def why_not(self) -> str | None:
        if self.age is Age.BEHIND:
            return f"the database is at revision {self.revision or 'none'}, this release needs {head()}: run coachwatts migrate"
        if not self.is_bound:
            return "row-level security does not bind the role of DATABASE_URL: coachwatts doctor says what to do"
        return None


async def look(session: ReadSession) -> Standing:
    row = (await session.execute(LOOK)).one()
    return Standing(await migrations.current(session) if row.migrated else None, not row.unbound)


@cache
def head() -> str:
    return migrations.head()


@cache
def _known() -> frozenset[str]:
    return migrations.known_revisions()
