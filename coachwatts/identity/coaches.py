from coachwatts.db.session import WriteSession
from coachwatts.errors import NotFound
from coachwatts.identity import audit
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.user import Capability, UserAccount


async def become(session: WriteSession, viewer: Viewer, client: Client) -> UserAccount:
    """Anybody may: it lets athletes invite them, and shows them nobody's data."""
    viewer.require_session()
    account = await people.by_id(session, viewer.user_id, lock=True)
    if account is None:
        raise NotFound
    if Capability.COACH not in account.capabilities:
        account.capabilities = sorted([*account.capabilities, Capability.COACH])
        audit.record(session, viewer, client, "account.became_coach")
    return account
