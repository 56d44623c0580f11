"""The answer of the two look-ups that find a person by a credential, before there is any scope."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnClause, DateTime, Text, column, select
from sqlalchemy.dialects.postgresql import ARRAY

from coachwatts.db.session import ReadSession

TIMES = ("email_verified_at", "deleted_at", "expires_at", "last_seen_at", "confirmed_at", "revoked_at")
LISTS = ("capabilities", "scopes")
OTHERS = (
    *("session_id", "access_token_id", "user_id", "email", "name", "timezone", "locale", "units", "week_starts_on"),
    *("is_active", "remember_me", "second_factor_due"),
)
COLUMNS: tuple[ColumnClause[Any], ...] = (
    *(column(name) for name in OTHERS),
    *(column(name, DateTime(timezone=True)) for name in TIMES),
    *(column(name, ARRAY(Text)) for name in LISTS),
)


async def look_up(session: ReadSession, function: Any) -> Mapping[str, Any] | None:
    """Sees past row-level security: by the hash of a secret, and nothing else."""
    found: Any = (await session.execute(select(function.table_valued(*COLUMNS)))).mappings().first()
    return None if found is None else dict(found)
