"""Looking at other athletes. All looks of a moment share one transaction, which also writes them down."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import cast
from uuid import UUID

from coachwatts.api.context import Context
from coachwatts.api.loaders import Loader
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.identity import access
from coachwatts.identity.access import Look, Sight
from coachwatts.models.trust import Area


class SightByLook(Loader[Look, Sight]):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._looking = context

    def open(self) -> AbstractAsyncContextManager[ReadSession]:
        return self._looking.write(self._looking.require_viewer().scope)

    async def fetch(self, session: ReadSession, keys: Sequence[Look]) -> Mapping[Look, Sight]:
        writing = cast("WriteSession", session)  # as `open` opened it
        return await access.look_at(writing, self._looking.require_viewer(), self._looking.client, keys)


async def look(context: Context, athlete_id: UUID, reason: str | None = None) -> Sight | None:
    """At somebody else. What may be seen counts for the rest of the operation. Raises InvalidInput for a reason that is none."""
    found = await context.loaders.load(SightByLook, Look.because(athlete_id, reason))
    if found:
        context.sight[athlete_id] = context.sight.get(athlete_id, frozenset()) | found.areas
    return found


async def may_see(context: Context, athlete_id: UUID, area: Area) -> bool:
    """For what is fetched by its own id: looks first when it is somebody else's, which is written down."""
    if context.viewer is None:
        return False
    if not context.is_viewer(athlete_id):
        await look(context, athlete_id)
    return context.may_see(athlete_id, area)
