"""The one-time link that makes a person the first administrator. Nobody becomes one by being first to sign up."""

from datetime import timedelta

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, ErrorCode
from coachwatts.identity import audit, sessions
from coachwatts.identity.repository import admin_links as repository
from coachwatts.identity.repository import people
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.sign_in import AdminLink
from coachwatts.models.user import Capability
from coachwatts.security.tokens import Token, TokenKind

LASTS = timedelta(hours=24)


class AdminLinkExpired(CoachWattsError):
    """Used, replaced, run out, never made, or there is an administrator by now."""

    def __init__(self) -> None:
        super().__init__(
            "This link has been used, has run out, or has been replaced by a newer one. `coachwatts user admin-link` makes another.",
            field="token",
            code=ErrorCode.EXPIRED,
        )


async def current_link(session: WriteSession, settings: Settings) -> str | None:
    """A new link, while there is no administrator; older ones stop working. Only its hash is kept, so an old one cannot be shown again."""
    await repository.delete_unused(session)
    if await people.has_admin(session):
        return None
    token = Token.new(TokenKind.ADMIN_LINK)
    session.add(AdminLink(token_hash=token.hash, expires_at=clock.now() + LASTS))
    return f"{settings.base_url}/auth/admin/{token.text}"


async def look(session: ReadSession, link_token: str) -> None:
    """Raises AdminLinkExpired. Uses nothing up."""
    await _find(session, link_token)


async def claim(session: WriteSession, client: Client, viewer: Viewer, link_token: str) -> Begun:
    """Makes the viewer an administrator, and renews the session, which is worth more from now on."""
    link = await _find(session, link_token, lock=True)
    account = await people.require(session, viewer.user_id)
    current = await sessions.current(session, viewer)
    link.used_at = clock.now()
    account.capabilities = sorted({*account.capabilities, Capability.ADMIN})
    audit.record(session, viewer, client, "admin.claimed", entity="User", entity_id=viewer.user_id, after={"capability": Capability.ADMIN})
    return sessions.rotate(current)


async def _find(session: ReadSession, link_token: str, *, lock: bool = False) -> AdminLink:
    token = Token.parse(link_token, TokenKind.ADMIN_LINK)
    row = await repository.by_hash(session, token.hash, lock=lock) if token else None
    if row is None or row.used_at or row.expires_at <= clock.now() or await people.has_admin(session):
        raise AdminLinkExpired
    return row
