"""What people say about themselves and how they want to read things."""

from collections.abc import Callable
from typing import Any, TypedDict

from coachwatts.checks import Checks
from coachwatts.db.session import WriteSession
from coachwatts.errors import ErrorCode
from coachwatts.identity import audit
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.user import Units, UserAccount, Weekday

MAY_BE_EMPTY = {"bio", "image"}


class Changes(TypedDict, total=False):
    """Only what is to change."""

    name: str | None
    bio: str | None
    image: str | None
    timezone: str | None
    locale: str | None
    units: Units | None
    week_starts_on: Weekday | None


async def update(session: WriteSession, client: Client, viewer: Viewer, changes: Changes) -> UserAccount:
    checked = _checked(changes)
    account = await people.require(session, viewer.user_id)
    before = {name: getattr(account, name) for name in checked if getattr(account, name) != checked[name]}
    for name in before:
        setattr(account, name, checked[name])
    if before:
        audit.record(session, viewer, client, "account.updated", before=before, after={name: checked[name] for name in before})
        await session.flush()
    return account


def _checked(changes: Changes) -> dict[str, Any]:
    checks = Checks()
    rules: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: checks.line("name", value, most=200),
        "bio": lambda value: checks.optional_text("bio", value, most=2000),
        "image": lambda value: checks.web_address("image", value),
        "timezone": lambda value: checks.timezone("timezone", value),
        "locale": lambda value: checks.locale("locale", value),
        "units": lambda value: value,
        "week_starts_on": lambda value: value,
    }
    checked: dict[str, Any] = {}
    for name, value in changes.items():
        if value is None and name not in MAY_BE_EMPTY:
            checks.problem(name, ErrorCode.REQUIRED, "This cannot be empty. Leave it out to keep what it is.")
        else:
            checked[name] = rules[name](value)
    checks.done()
    return checked
