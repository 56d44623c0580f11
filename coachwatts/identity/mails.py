"""Puts letters into the queue of the worker that sends them."""

from coachwatts import jobs
from coachwatts.config import Settings
from coachwatts.db.session import WriteSession
from coachwatts.errors import Unavailable
from coachwatts.mail.order import KIND, Order

PRIORITY = 10  # somebody is waiting for it


def require_way(settings: Settings) -> None:
    """Asked before anything that is of no use without its mail."""
    if settings.smtp_url is None and not settings.shows_links:
        raise Unavailable("This server cannot send mail yet. Its administrator has to set COACHWATTS_SMTP_URL.")


async def send(session: WriteSession, settings: Settings, order: Order) -> None:
    """Without a mail server nothing is queued: what a notice tells of is not refused for want of the notice."""
    if settings.smtp_url is not None:
        await jobs.add(session, KIND, order.payload, user_id=order.user_id, priority=PRIORITY)
