"""From an order to the message: looks up what the letter says, at the moment it is sent."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.encrypted import place_of
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.mail import repository
from coachwatts.mail.addresses import link_address
from coachwatts.mail.letters import Letter, write
from coachwatts.mail.message import compose
from coachwatts.mail.order import Order
from coachwatts.models.sign_in import Session
from coachwatts.models.user import UserAccount
from coachwatts.security.cipher import KeyRing


async def pack(session: ReadSession, settings: Settings, keys: KeyRing, order: Order, message_id: UUID) -> EmailMessage | None:
    """None when there is nothing to send any longer: the link was used, replaced or ran out, or its account is gone or stays."""
    account = await repository.account(session, order.user_id)
    if account is None or (order.letter is Letter.DELETION_REQUESTED and account.deleted_at is None):
        return None
    to, link = account.email, None
    if order.link_id:
        row = await repository.link(session, order.link_id)
        if row is None or row.token is None or row.used_at or row.expires_at <= clock.now():
            return None
        to, link = row.identifier, link_address(settings, keys.open(row.token, place_of(row, "token")))
    facts = await _facts(session, order, account)
    written = write(order.letter, home=settings.base_url, link=link, **facts)
    return compose(written, sender=settings.mail_from, to=to, message_id=str(message_id))


async def forget(session: WriteSession, order: Order) -> None:
    """The mail has left or never will: from now on only the hash of its link is kept."""
    if order.link_id:
        await repository.forget_token(session, order.link_id)


async def _facts(session: ReadSession, order: Order, account: UserAccount) -> dict[str, Any]:
    about = await repository.sign_in(session, order.session_id) if order.session_id else None
    facts: dict[str, Any] = {"at": _moment(about.created_at if about else clock.now(), account.timezone)}
    if account.deletion_due_at:
        facts["erased_at"] = _moment(account.deletion_due_at, account.timezone)
    if about:
        facts |= {"device": _device(about), "ip": about.ip or "an unknown address"}
    return facts


def _device(signed_in: Session) -> str:
    return " on ".join(filter(None, (signed_in.browser, signed_in.os))) or "an unknown device"


def _moment(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%d %B %Y, %H:%M} ({timezone})"
