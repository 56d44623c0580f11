"""Links that prove that a mailbox is somebody's: verify, reset, change, keep, unlock. Single use; one live link per purpose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.db.encrypted import place_of
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, ErrorCode
from coachwatts.identity import mails
from coachwatts.identity.repository import email_tokens as repository
from coachwatts.identity.repository import people
from coachwatts.ids import new_id
from coachwatts.mail.addresses import link_address
from coachwatts.mail.letters import Letter
from coachwatts.mail.order import Order
from coachwatts.models.sign_in import EmailPurpose, EmailToken
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security.tokens import Token, TokenKind

LASTS = {
    EmailPurpose.VERIFY_EMAIL: timedelta(days=3),
    EmailPurpose.RESET_PASSWORD: timedelta(hours=1),
    EmailPurpose.CHANGE_EMAIL: timedelta(hours=24),
    EmailPurpose.KEEP_EMAIL: timedelta(days=3),
    EmailPurpose.UNLOCK_ACCOUNT: timedelta(hours=1),
}


class LinkExpired(CoachWattsError):
    """One answer for a link that was used, replaced, ran out, is for something else, or never was."""

    def __init__(self) -> None:
        super().__init__("This link has been used or has run out. Ask for a new one.", field="token", code=ErrorCode.EXPIRED)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person is told. The link itself only where there is no mail server and nobody else could read it."""

    link: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A live link that somebody holds, and whose it is."""

    row: EmailToken
    account: UserAccount

    @property
    def purpose(self) -> EmailPurpose:
        return EmailPurpose(self.row.purpose)

    @property
    def address(self) -> str:
        """Where its mail went: whoever holds the link reads that mailbox."""
        return self.row.identifier


async def send(
    session: WriteSession, runtime: Runtime, user_id: UUID, purpose: EmailPurpose, to: str, *, letter: Letter | None = None
) -> Sent:
    settings = runtime.settings
    mails.require_way(settings)
    row, token = await issue(session, user_id, purpose, to)
    if settings.shows_links:
        return Sent(link_address(settings, token.text))
    row.token = runtime.keys.seal(token.text, place_of(row, "token"))
    await mails.send(session, settings, Order(letter or Letter(purpose), user_id, link_id=row.id))
    return Sent()


async def issue(session: WriteSession, user_id: UUID, purpose: EmailPurpose, to: str) -> tuple[EmailToken, Token]:
    """A link that its maker hands over by other means than mail. Older ones of the purpose stop working."""
    now = clock.now()
    # a thief who changes the address twice must not take the first owner's way back
    only_to = to if purpose is EmailPurpose.KEEP_EMAIL else None
    await repository.close(session, user_id, {purpose}, now, only_to=only_to)
    token = Token.new(TokenKind.EMAIL)
    row = EmailToken(id=new_id(), user_id=user_id, purpose=purpose, identifier=to, token_hash=token.hash, expires_at=now + LASTS[purpose])
    session.add(row)
    return row, token


async def use(session: WriteSession, link_token: str, purpose: EmailPurpose) -> Link:
    """Opens a link, once. The account is locked until the transaction ends. Raises LinkExpired, and then uses nothing up."""
    link = await _find(session, link_token, lock=True)
    if link is None or link.purpose is not purpose:
        raise LinkExpired
    link.row.used_at, link.row.token = clock.now(), None
    return link


async def look(session: ReadSession, link_token: str, purpose: EmailPurpose) -> Link:
    """Raises LinkExpired. Uses nothing up: mail programs open links on their own, to look what is behind them."""
    link = await _find(session, link_token)
    if link is None or link.purpose is not purpose:
        raise LinkExpired
    return link


async def describe(session: ReadSession, link_token: str) -> EmailPurpose | None:
    """What a link is for, for the page that it leads to; none when it is no live link."""
    link = await _find(session, link_token)
    return link.purpose if link else None


async def close_others(session: WriteSession, user_id: UUID, *, keep: Collection[EmailPurpose] = ()) -> None:
    """After something that makes open links dangerous: whoever asked for them may not have been the owner."""
    await repository.close(session, user_id, set(EmailPurpose) - set(keep), clock.now())


async def _find(session: ReadSession, link_token: str, *, lock: bool = False) -> Link | None:
    token = Token.parse(link_token, TokenKind.EMAIL)
    owner = await repository.owner_of(session, token.hash) if token else None
    if token is None or owner is None:
        return None
    await session.see(Scope.own(owner))
    account = await people.by_id(session, owner, lock=lock)  # before the link: whoever sends one locks in this order too
    row = await repository.by_hash(session, token.hash, lock=lock)
    if account is None or not account.is_active or row is None or row.used_at or row.expires_at <= clock.now():
        return None
    return Link(row, account)
