"""Whether clients of an older schema still work with a newer one."""

import re
from datetime import date

from graphql import BreakingChange, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, build_schema, find_breaking_changes

_FIELD = re.compile(r"^Field (?P<type>\w+)\.(?P<field>\w+) was removed\.$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def breaking_changes(older: str, newer: str, today: date) -> list[str]:
    """One sentence each. A field may go once the day that its deprecation named is over."""
    before = build_schema(older)
    found = find_breaking_changes(before, build_schema(newer))
    return [change.description for change in found if not _was_announced(change, before, today)]


def _was_announced(change: BreakingChange, before: GraphQLSchema, today: date) -> bool:
    match = _FIELD.match(change.description)
    owner = before.get_type(match["type"]) if match else None
    if match is None or not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType):
        return False
    day = _DAY.search(owner.fields[match["field"]].deprecation_reason or "")
    return day is not None and date.fromisoformat(day[0]) < today
