"""What an administrator does with accounts. Each deed needs a fresh password and is written down."""

from collections.abc import Collection
from uuid import UUID

from coachwatts import clock
from coachwatts.db.keyset import Page, Window
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, NotAllowed, NotFound
from coachwatts.identity import audit
from coachwatts.identity.repository import access_tokens, accounts, people, sessions
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.user import Capability, UserAccount


def require_admin(viewer: Viewer) -> None:
    viewer.require_session()
    if not viewer.is_admin():
        raise NotAllowed("Only an administrator may do this.")


async def page(session: ReadSession, viewer: Viewer, window: Window, wanted: str | None) -> Page[UserAccount]:
    require_admin(viewer)
    ids = await accounts.ids(session, window, wanted)
    await session.see(viewer.scope.with_accounts(ids))
    return await accounts.page(session, ids, window)


async def count(session: ReadSession, viewer: Viewer, wanted: str | None) -> int:
    require_admin(viewer)
    return await accounts.count(session, wanted)


async def set_capabilities(
    session: WriteSession, viewer: Viewer, client: Client, user_id: UUID, capabilities: Collection[Capability]
) -> UserAccount:
    account = await _managed(session, viewer, user_id)
    before, after = account.capabilities, sorted(set(capabilities))
    if Capability.ADMIN in before and Capability.ADMIN not in after:
        await _keep_one_admin(session, user_id)
    account.capabilities = after
    _note(session, viewer, client, "account.capabilities_changed", account, before={"capabilities": before}, after={"capabilities": after})
    return account


async def set_active(session: WriteSession, viewer: Viewer, client: Client, user_id: UUID, *, active: bool) -> UserAccount:
    """Switching off ends everything that is signed in."""
    account = await _managed(session, viewer, user_id)
    if not active:
        if user_id == viewer.user_id:
            raise Conflict("You cannot switch off your own account.", field="userId")
        await end_everything(session, user_id, "account switched off")
    before, account.is_active = account.is_active, active
    _note(session, viewer, client, "account.switched", account, before={"is_active": before}, after={"is_active": active})
    return account


async def unlock(session: WriteSession, viewer: Viewer, client: Client, user_id: UUID) -> UserAccount:
    account = await _managed(session, viewer, user_id)
    account.failed_sign_ins, account.locked_until = 0, None
    _note(session, viewer, client, "account.unlocked", account)
    return account


async def sign_out_everywhere(session: WriteSession, viewer: Viewer, client: Client, user_id: UUID) -> UserAccount:
    account = await _managed(session, viewer, user_id)
    await end_everything(session, user_id, "ended by an administrator")
    _note(session, viewer, client, "account.signed_out_everywhere", account)
    return account


async def end_everything(session: WriteSession, user_id: UUID, reason: str) -> None:
    await sessions.end_all(session, user_id, reason, clock.now())
    await access_tokens.revoke_all(session, user_id, clock.now())


async def _managed(session: WriteSession, viewer: Viewer, user_id: UUID) -> UserAccount:
    require_admin(viewer)
    viewer.require_fresh()
    await session.see(viewer.scope.with_accounts({user_id}))
    account = await people.by_id(session, user_id, lock=True)
    if account is None:
        raise NotFound(field="userId")
    return account


async def _keep_one_admin(session: WriteSession, user_id: UUID) -> None:
    if not await accounts.other_admins(session, user_id):
        raise Conflict("This is the last administrator. Make somebody else one first.", field="capabilities")


def _note(session: WriteSession, viewer: Viewer, client: Client, action: str, account: UserAccount, **change: dict[str, object]) -> None:
    audit.record(
        session,
        viewer,
        client,
        action,
        acting_as="ADMIN",
        athlete_id=account.id,
        entity="user_account",
        entity_id=account.id,
        before=change.get("before"),
        after=change.get("after"),
    )
