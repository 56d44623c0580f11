"""Personal tokens: made for one script each, with what it may do and an end. The token itself is shown once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, ErrorCode, NotFound
from coachwatts.identity import audit
from coachwatts.identity.repository import access_tokens as repository
from coachwatts.identity.repository import people
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.sign_in import AccessToken
from coachwatts.security.tokens import Token, TokenKind

MOST = 50
LASTS, AT_MOST = timedelta(days=90), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    scopes: Collection[TokenScope]
    expires_at: datetime | None = None  # none: in 90 days


@dataclass(frozen=True, slots=True)
class Made:
    row: AccessToken
    token: Token


async def create(session: WriteSession, viewer: Viewer, client: Client, form: Form, *, token_id: UUID) -> Made:
    viewer.require_fresh()
    form = _checked(form)
    await people.by_id(session, viewer.user_id, lock=True)  # so that two at the same moment do not both become the last
    if await repository.count(session, viewer.user_id, clock.now()) >= MOST:
        raise Conflict(f"You have {MOST} tokens. Revoke one that you no longer use.")
    token = Token.new(TokenKind.PERSONAL)
    row = AccessToken(
        id=token_id,
        user_id=viewer.user_id,
        name=form.name,
        token_hash=token.hash,
        prefix=token.prefix,
        scopes=sorted(set(form.scopes)),
        expires_at=form.expires_at,
    )
    session.add(row)
    await session.flush()
    after = {"name": row.name, "scopes": row.scopes, "expires_at": row.expires_at}
    audit.record(session, viewer, client, "access_token.created", entity="access_token", entity_id=row.id, after=after)
    return Made(row, token)


async def find(session: ReadSession, user_id: UUID, token_id: UUID) -> AccessToken | None:
    """Of those that are listed."""
    return await repository.find(session, user_id, token_id, clock.now())


async def listed(session: ReadSession, user_id: UUID) -> Sequence[AccessToken]:
    """Those that open something, newest first; never more than can be made."""
    return await repository.of_user(session, user_id, clock.now())


async def revoke(session: WriteSession, viewer: Viewer, client: Client, token_id: UUID | None) -> None:
    viewer.require_session()
    if token_id is None or not await repository.revoke(session, viewer.user_id, token_id, clock.now()):
        raise NotFound("There is no such token. It may have been revoked already.", field="id")
    audit.record(session, viewer, client, "access_token.revoked", entity="access_token", entity_id=token_id)


def _checked(form: Form) -> Form:
    checks, now = Checks(), clock.now()
    name = checks.text("name", form.name, least=1, most=100)
    if not form.scopes:
        checks.problem("scopes", ErrorCode.REQUIRED, "Name at least one thing that the token may do.")
    expires_at = form.expires_at or now + LASTS
    if not now < expires_at <= now + AT_MOST:
        checks.problem("expires_at", ErrorCode.OUT_OF_RANGE, f"Give a moment within the next {AT_MOST.days} days.")
    checks.done()
    return Form(name, form.scopes, expires_at)
