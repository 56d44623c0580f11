"""What an administrator does with accounts. Each deed needs a fresh password and is written down."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.db.keyset import Page, Window
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, NotAllowed, NotFound
from coachwatts.identity import audit, proof
from coachwatts.identity.repository import access_tokens, accounts, people, sessions
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import ActingAs
from coachwatts.models.user import Capability, UserAccount


def require_admin(viewer: Viewer) -> None:
    """Of the person who asks, and of nobody on whose behalf they may ask."""
    viewer.require_session()
    if not viewer.is_admin():
        raise NotAllowed("Only an administrator may do this.")


def checked_search(text: str | None) -> str | None:
    checks = Checks()
    wanted = checks.optional_text("search", text, most=254)
    checks.done()
    return wanted


async def page(session: ReadSession, viewer: Viewer, window: Window, wanted: str | None) -> Page[UserAccount]:
    require_admin(viewer)
    ids = await accounts.ids(session, window, wanted)
    await session.see(viewer.scope.with_accounts(ids))
    return await accounts.page(session, ids, window)


async def count(session: ReadSession, viewer: Viewer, wanted: str | None) -> int:
    require_admin(viewer)
    return await accounts.count(session, wanted)


async def find(session: ReadSession, viewer: Viewer, user_id: UUID) -> UserAccount | None:
    require_admin(viewer)
    await session.see(viewer.scope.with_accounts({user_id}))
    return await people.by_id(session, user_id)


async def set_capabilities(
    session: WriteSession, viewer: Viewer, client: Client, user_id: UUID, capabilities: Collection[Capability]
) -> UserAccount:
    """Who becomes an administrator signs in anew: a session that somebody else got hold of does not become one with them."""
    account = await _managed(session, viewer, user_id)
    before: list[str] = account.capabilities
    after: list[str] = sorted(set(capabilities))
    if Capability.ADMIN not in after:
        await keep_an_admin(session, account, "capabilities")
    elif Capability.ADMIN not in before:
        await sessions.end_all(session, user_id, "became an administrator", clock.now())
    account.capabilities = after
    _note(session, viewer, client, "account.capabilities_changed", account, before={"capabilities": before}, after={"capabilities": after})
    return account


async def set_active(session: WriteSession, viewer: Viewer, client: Client, user_id: UUID, *, active: bool) -> UserAccount:
    """Switching off ends everything that is signed in."""
    account = await _managed(session, viewer, user_id)
    if not active:
        if user_id == viewer.user_id:
            raise Conflict("You cannot switch off your own account.", field="id")
        await keep_an_admin(session, account, "id")
        await end_everything(session, user_id, "account switched off")
    before, account.is_active = account.is_active, active
    _note(session, viewer, client, "account.switched", account, before={"is_active": before}, after={"is_active": active})
    return account


async def unlock(session: WriteSession, viewer: Viewer, client: Client, user_id: UUID) -> UserAccount:
    account = await _managed(session, viewer, user_id)
    proof.wake(account)
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


async def keep_an_admin(session: WriteSession, account: UserAccount, field: str | tuple[str, ...] = ()) -> None:
    """Asked before an account stops to be one. Without any, a production server would open its sign-up again."""
    is_one = Capability.ADMIN in account.capabilities and account.is_active and account.deleted_at is None
    if is_one and await accounts.is_last_admin(session, account):
        raise Conflict("This is the last administrator. Make somebody else one first.", field=field)


async def _managed(session: WriteSession, viewer: Viewer, user_id: UUID) -> UserAccount:
    require_admin(viewer)
    viewer.require_fresh()
    await session.see(viewer.scope.with_accounts({user_id}))
    account = await people.by_id(session, user_id, lock=True)
    if account is None:
        raise NotFound(field="id")
    return account


def _note(
    session: WriteSession,
    viewer: Viewer,
    client: Client,
    action: str,
    account: UserAccount,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        session,
        viewer,
        client,
        action,
        athlete_id=account.id,
        acting_as=ActingAs.ADMIN,
        entity="user_account",
        entity_id=account.id,
        before=before,
        after=after,
    )
