"""From a credential to the person behind it, at every request; and whether it would still be accepted while a socket is open."""

from datetime import datetime, timedelta
from typing import Any

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.errors import ErrorCode, SessionExpired, Unauthenticated
from coachwatts.identity.repository import access_tokens, sessions
from coachwatts.identity.sessions import IDLE
from coachwatts.identity.viewer import Viewer
from coachwatts.security.tokens import Token, TokenKind

SEEN_EVERY = timedelta(minutes=1)  # a busy credential writes once a minute, not once a request


class SecondFactorDue(Unauthenticated):
    """The password was right, the code is still missing. Whoever catches this decides what a half signed-in person may do."""

    code = ErrorCode.SECOND_FACTOR_REQUIRED

    def __init__(self, viewer: Viewer) -> None:
        super().__init__("Give the code of your authenticator to finish signing in.")
        self.viewer = viewer


async def recognise(db: Database, credential: str) -> Viewer:
    """Raises Unauthenticated for what never was a credential of ours, SessionExpired for what is none any longer."""
    if token := Token.parse(credential, TokenKind.SESSION):
        look_up, over = sessions.signed_in, SessionExpired()
    elif token := Token.parse(credential, TokenKind.PERSONAL):
        look_up, over = access_tokens.signed_in, SessionExpired("This token was revoked or has run out. Make a new one.")
    else:
        raise Unauthenticated("This is not a credential of this server. Sign in.")
    async with db.read(Scope.nobody()) as session:
        row = await look_up(session, token.hash)
    if row is None or not row["is_active"] or _has_ended(row):
        raise over
    viewer = Viewer.from_row(row)
    if row["second_factor_due"]:
        raise SecondFactorDue(viewer)
    await _notice(db, viewer, row["last_seen_at"])
    return viewer


async def is_live(db: Database, viewer: Viewer) -> bool:
    now = clock.now()
    async with db.read(viewer.scope) as session:
        if viewer.session_id:
            return await sessions.is_live(session, viewer.session_id, now, now - IDLE)
        return viewer.access_token_id is not None and await access_tokens.is_live(session, viewer.access_token_id, now)


def _has_ended(row: Any) -> bool:
    now = clock.now()
    idle = row["remember_me"] and now - row["last_seen_at"] > IDLE
    return bool(row["revoked_at"] or (row["expires_at"] and row["expires_at"] <= now) or idle)


async def _notice(db: Database, viewer: Viewer, last_seen: datetime | None) -> None:
    now = clock.now()
    if last_seen and now - last_seen <= SEEN_EVERY:
        return
    async with db.write(viewer.scope) as session:
        if viewer.session_id:
            await sessions.touch(session, viewer.session_id, now, now - SEEN_EVERY)
        elif viewer.access_token_id:
            await access_tokens.touch(session, viewer.access_token_id, now, now - SEEN_EVERY)
