"""Which account an identity opens. E-mail addresses alone never join two accounts: whoever wants that shows to own both."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.config import Settings
from coachwatts.db.encrypted import place_of
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import InvalidInput, NotAllowed, NotFound
from coachwatts.identity import audit, sign_in, sign_up
from coachwatts.identity.logins.errors import AddressHasAccount, EmailNotVouchedFor, LastWayIn, LinkedElsewhere
from coachwatts.identity.logins.provider import Identity, Provider
from coachwatts.identity.repository import logins as repository
from coachwatts.identity.repository import people
from coachwatts.identity.sessions import Begun
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.ids import new_id
from coachwatts.models.sign_in import LoginAccount
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security.cipher import KeyRing, Sealed


async def enter(
    session: WriteSession, runtime: Runtime, client: Client, provider: Provider, identity: Identity, *, invitation: str | None = None
) -> Begun:
    """Sign in whom the identity belongs to, or sign up whom it belongs to from now on, with an invitation where one is needed."""
    owner = await repository.owner_of(session, provider.name, identity.subject)
    if owner is not None:
        await session.see(Scope.own(owner))
        account = await people.require(session, owner)
        if row := await repository.by_subject(session, provider.name, identity.subject):
            _keep_tokens(row, identity, runtime.keys)
    else:
        account = await _sign_up(session, runtime.settings, provider, identity, invitation)
        await _add(session, runtime.keys, account.id, provider, identity)
    if not account.is_active:
        raise NotAllowed("This account is switched off. Ask the administrator.")
    return await sign_in.admit(session, runtime, client, account)


async def link(session: WriteSession, keys: KeyRing, asker: tuple[Viewer, Client], provider: Provider, identity: Identity) -> None:
    """Adds the identity to whoever is signed in. To add it twice is no error."""
    viewer, client = asker
    owner = await repository.owner_of(session, provider.name, identity.subject)
    if owner == viewer.user_id:
        return
    if owner is not None:
        raise LinkedElsewhere(provider.title)
    row = await _add(session, keys, viewer.user_id, provider, identity)
    audit.record(session, viewer, client, "login.linked", entity="LoginAccount", entity_id=row.id, after={"provider": provider.name})


async def unlink(session: WriteSession, viewer: Viewer, client: Client, login_id: UUID | None) -> None:
    viewer.require_fresh()
    account = await people.require(session, viewer.user_id)  # locked: two at once must not remove the last two
    rows = await repository.of_user(session, viewer.user_id)
    row = next((row for row in rows if row.id == login_id), None)
    if row is None:
        raise NotFound("There is no such way to sign in. It may have been removed already.", field="id")
    if len(rows) == 1 and account.password_hash is None:
        raise LastWayIn
    await repository.delete(session, row)
    audit.record(session, viewer, client, "login.unlinked", entity="LoginAccount", entity_id=row.id, before={"provider": row.provider})


async def linked(session: ReadSession, user_id: UUID) -> list[LoginAccount]:
    return await repository.of_user(session, user_id)


async def _sign_up(
    session: WriteSession, settings: Settings, provider: Provider, identity: Identity, invitation: str | None
) -> UserAccount:
    email = _vouched_for(identity)
    if email is None:
        raise EmailNotVouchedFor(provider.title)
    if await people.id_by_email(session, email) is not None:
        raise AddressHasAccount(provider.title)
    await sign_up.require_policy(session, settings, invitation)
    name = "".join(letter for letter in identity.name if letter.isprintable()).strip()[:200]
    account = UserAccount(id=new_id(), email=email, email_verified_at=clock.now(), name=name)
    await session.see(Scope.own(account.id))
    if not await people.insert(session, account):
        raise AddressHasAccount(provider.title)
    return account


def _vouched_for(identity: Identity) -> str | None:
    checks = Checks()
    email = checks.email("email", identity.email or "")
    try:
        checks.done()
    except InvalidInput:
        return None
    return email if identity.email_is_verified else None


async def _add(session: WriteSession, keys: KeyRing, user_id: UUID, provider: Provider, identity: Identity) -> LoginAccount:
    row = LoginAccount(id=new_id(), user_id=user_id, provider=provider.name, provider_account_id=identity.subject, type=provider.kind)
    _keep_tokens(row, identity, keys)
    if not await repository.insert(session, row):
        raise LinkedElsewhere(provider.title)
    return row


def _keep_tokens(row: LoginAccount, identity: Identity, keys: KeyRing) -> None:
    tokens = identity.tokens

    def sealed(name: str) -> Sealed | None:
        return keys.seal(tokens[name], place_of(row, name)) if isinstance(tokens.get(name), str) else None

    row.access_token, row.id_token = sealed("access_token"), sealed("id_token")
    row.refresh_token = sealed("refresh_token") or row.refresh_token  # many send it the first time only
    row.expires_at = _moment(tokens.get("expires_at"))
    row.token_type, row.scope = _text(tokens.get("token_type"), 40), _text(tokens.get("scope"), 1000)
    row.session_state = _text(identity.session_state, 255)


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: Any, most: int) -> str | None:
    return value[:most] if isinstance(value, str) and value.isprintable() else None
