"""Sessions: begun at sign-in, renewed with every new proof, ended by their person, by time, or with the password.

    absolute   24 hours, with "remember me" 30 days; use never moves it
    idle       24 hours, with "remember me" 14 days; each use moves it

A person may be signed in on any number of devices at once. Each of them is listed and can be ended on its own.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.db.keyset import Page, Window
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, NotFound, SessionExpired
from coachwatts.identity.repository import second_factor
from coachwatts.identity.repository import sessions as repository
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.sign_in import Session
from coachwatts.security.devices import LONGEST_HEADER, parse_device
from coachwatts.security.tokens import Token, TokenKind

SHORT, LONG = timedelta(hours=24), timedelta(days=30)
IDLE = timedelta(days=14)  # of the long kind; the short one ends after a day anyway
SECOND_FACTOR_WITHIN = timedelta(minutes=10)
KEPT = timedelta(days=30)  # an ended session, with the address it was used from


@dataclass(frozen=True, slots=True)
class Begun:
    session: Session
    token: Token  # shown to the client once; only its hash is kept


async def begin(session: WriteSession, user_id: UUID, client: Client, *, remember_me: bool = False) -> Begun:
    """With a second factor the session stays pending: it opens nothing but the operation that takes the code."""
    now = clock.now()
    await repository.delete_ended(session, user_id, now - KEPT)
    pending = await second_factor.is_on(session, user_id)
    token = Token.new(TokenKind.SESSION)
    device = parse_device(client.user_agent)
    row = Session(
        user_id=user_id,
        token_hash=token.hash,
        last_seen_at=now,
        expires_at=now + (SECOND_FACTOR_WITHIN if pending else _lasts(remember_me)),
        confirmed_at=None if pending else now,
        remember_me=remember_me,
        second_factor_due=pending,
        ip=client.ip,
        user_agent=client.user_agent and client.user_agent[:LONGEST_HEADER],
        device_type=device.device_type,
        browser=device.browser,
        os=device.os,
    )
    session.add(row)
    return Begun(row, token)


def complete(row: Session) -> Begun:
    """The second step was right: from now on it is a session like any other."""
    row.second_factor_due = False
    row.expires_at = clock.now() + _lasts(row.remember_me)
    return confirm(row)


def confirm(row: Session) -> Begun:
    """Its person has just proven to be there. Whoever got hold of the old token is left outside."""
    row.confirmed_at = row.last_seen_at = clock.now()
    return rotate(row)


def rotate(row: Session) -> Begun:
    """After whatever makes the session worth more: the device stays in the list, its old token opens nothing any longer."""
    token = Token.new(TokenKind.SESSION)
    row.token_hash = token.hash
    return Begun(row, token)


async def current(session: WriteSession, viewer: Viewer) -> Session:
    """The viewer's own session, locked, to be renewed. Raises NotAllowed for a personal token."""
    row = await repository.by_id(session, viewer.require_session(), lock=True)
    if row is None or row.revoked_at:
        raise SessionExpired
    if row.confirmed_at != viewer.confirmed_at:
        raise Conflict("Another request has just renewed this session. Go on with what it answered.")
    return row


async def find(session: ReadSession, user_id: UUID, session_id: UUID) -> Session | None:
    """Of the devices that `page` lists."""
    now = clock.now()
    return await repository.find_live(session, user_id, session_id, now, now - IDLE)


async def page(session: ReadSession, user_id: UUID, window: Window) -> Page[Session]:
    """The devices on which a person is signed in, newest first."""
    now = clock.now()
    return await repository.page(session, user_id, now, now - IDLE, window)


async def count(session: ReadSession, user_id: UUID) -> int:
    now = clock.now()
    return await repository.count(session, user_id, now, now - IDLE)


async def end(session: WriteSession, viewer: Viewer, reason: str = "signed out") -> None:
    await repository.end(session, viewer.user_id, viewer.require_session(), reason, clock.now())


async def revoke(session: WriteSession, viewer: Viewer, session_id: UUID | None) -> None:
    """Ends one device of the viewer's own."""
    viewer.require_session()
    if session_id is None or not await repository.end(session, viewer.user_id, session_id, "ended from the device list", clock.now()):
        raise NotFound("There is no such session. It may have ended already.", field="id")


async def end_others(session: WriteSession, viewer: Viewer, reason: str) -> int:
    return await repository.end_all(session, viewer.user_id, reason, clock.now(), besides=viewer.require_session())


async def end_all(session: WriteSession, user_id: UUID, reason: str) -> int:
    return await repository.end_all(session, user_id, reason, clock.now())


def _lasts(remember_me: bool) -> timedelta:
    return LONG if remember_me else SHORT
