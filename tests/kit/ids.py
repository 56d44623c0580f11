from uuid import UUID

from coachwatts.api.global_id import GlobalId


def key_of(global_id: str) -> UUID:
    """The row behind an id. Clients never take an id apart; tests look behind it."""
    found = GlobalId.parse(global_id)
    assert found
    assert found.key_as_uuid
    return found.key_as_uuid
