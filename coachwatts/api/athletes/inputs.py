from typing import Any
from uuid import UUID

import strawberry

from coachwatts.api.context import Context
from coachwatts.api.global_id import GlobalId
from coachwatts.athletes.trail import Author
from coachwatts.errors import NotFound


def given(input: object) -> dict[str, Any]:
    """The fields that the client sent, null included: absent leaves a value alone, null clears it."""
    return {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}


def author_of(context: Context) -> tuple[Author, UUID]:
    """Who changes whose data: today everybody their own."""
    viewer = context.require_viewer()
    return Author(viewer, context.client), viewer.user_id


def threshold_key(text: str, athlete_id: UUID) -> UUID:
    """Raises NotFound for what is malformed or somebody else's, as for what is not there."""
    wanted = GlobalId.parse(text)
    key = wanted.key_as_uuid if wanted and wanted.type == "Threshold" and wanted.athlete == athlete_id else None
    if key is None:
        raise NotFound(field="id")
    return key
