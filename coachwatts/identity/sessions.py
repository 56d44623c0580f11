"""Sessions: begun at sign-in, recognised at each request, ended by their person, by time, or with the password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import SessionExpired, Unauthenticated
from coachwatts.identity.repository import sessions as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.sign_in import Session
from coachwatts.security import devices
from coachwatts.security.tokens import Token, TokenKind

SHORT, LONG = timedelta(hours=24), timedelta(days=30)  # absolute, without and with "remember me"
IDLE_LONG = timedelta(days=14)
SECOND_FACTOR_WITHIN = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)  # a busy session writes once a minute, not once a request


@dataclass(frozen=True, slots=True)
class Begun:
    session: Session
    token: Token  # shown to the client once; only its hash is kept


def begin(session: WriteSession, user_id: UUID, client: Client, *, remember_me: bool = False, second_factor_due: bool = False) -> Begun:
    now = clock.now()
    token = Token.new(TokenKind.SESSION)
    device = devices.describe(client.user_agent)
    lasts = SECOND_FACTOR_WITHIN if second_factor_due else LONG if remember_me else SHORT
    row = Session(
        user_id=user_id,
        token_hash=token.hash,
        last_seen_at=now,
        expires_at=now + lasts,
        confirmed_at=None if second_factor_due else now,
        remember_me=remember_me,
        second_factor_due=second_factor_due,
        ip=client.ip,
        user_agent=client.user_agent and client.user_agent[:512],
        device_type=device.type,
        browser=device.browser,
        os=device.os,
    )
    session.add(row)
    return Begun(row, token)


async def recognise(db: Database, credential: str) -> Viewer:
    """The person behind a session or a personal token. Raises SessionExpired or Unauthenticated."""
    if token := Token.parse(credential, TokenKind.SESSION):
        look_up = repository.signed_in_by_session
    elif token := Token.parse(credential, TokenKind.PERSONAL):
        look_up = repository.signed_in_by_access_token
    else:
        raise Unauthenticated("This is not a credential of this server. Sign in.")
    async with db.read(Scope.nobody()) as session:
        row = await look_up(session, token.hash)
    if row is None or not row["is_active"] or _has_ended(row):
        raise SessionExpired
    if row["second_factor_due"]:
        raise Unauthenticated("Give the code of your authenticator to finish signing in.")
    viewer = Viewer.from_row(row)
    await _notice(db, viewer, row["last_seen_at"])
    return viewer


def _has_ended(row: Any) -> bool:
    now = clock.now()
    idle = row["remember_me"] and row["last_seen_at"] is not None and now - row["last_seen_at"] > IDLE_LONG
    return bool(row["revoked_at"] or (row["expires_at"] and row["expires_at"] <= now) or idle)


async def _notice(db: Database, viewer: Viewer, last_seen: datetime | None) -> None:
    now = clock.now()
    if last_seen is None or now - last_seen > SEEN_EVERY:
        async with db.write(viewer.scope) as session:
            await repository.touch(session, viewer.session_id, viewer.access_token_id, now)


async def end(session: WriteSession, viewer: Viewer, reason: str = "signed out") -> None:
    row = await repository.by_id(session, viewer.require_session())
    if row:
        row.revoked_at = clock.now()
        row.revoke_reason = reason


async def is_live(db: Database, viewer: Viewer) -> bool:
    """Whether the credential that a viewer came with would be accepted now."""
    async with db.read(viewer.scope) as session:
        return await repository.is_live(session, viewer.user_id, viewer.session_id, viewer.access_token_id, clock.now())
