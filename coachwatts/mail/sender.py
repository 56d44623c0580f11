"""Hands a message to the mail server that COACHWATTS_SMTP_URL names.

Errors tell the answer's code and never the recipient: they end up in logs and in the job table.
"""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from coachwatts.config import Settings
from coachwatts.errors import CoachWattsError, Unavailable

TIMEOUT_S = 20
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailDelayed(Unavailable):
    """Not now: the server is away, busy, or set up wrongly. Worth another try."""


class MailRefused(CoachWattsError):
    """Never: the server will not take this message for this recipient."""


@dataclass(frozen=True, slots=True)
class Server:
    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        parts = urlsplit(url)
        username, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.scheme, parts.hostname or "localhost", parts.port or PORTS[parts.scheme], username, password)

    @property
    def options(self) -> dict[str, Any]:
        encryption = {"use_tls": self.scheme == "smtps", "start_tls": self.scheme == "smtp+starttls"}
        return {"hostname": self.host, "port": self.port, "username": self.username, "password": self.password, **encryption}


async def send(settings: Settings, message: EmailMessage) -> None:
    """Raises MailDelayed or MailRefused."""
    if settings.smtp_url is None:
        raise MailDelayed("COACHWATTS_SMTP_URL is not set any longer.")
    server = Server.parse(settings.smtp_url.get_secret_value())
    try:
        await aiosmtplib.send(message, **server.options, timeout=TIMEOUT_S)
    except (SMTPException, OSError) as failed:
        raise _judged(failed) from None


def _judged(failed: Exception) -> MailDelayed | MailRefused:
    if isinstance(failed, SMTPRecipientsRefused):
        failed = failed.recipients[0]
    what = type(failed).__name__
    if isinstance(failed, SMTPAuthenticationError):
        return MailDelayed(f"The mail server does not accept COACHWATTS_SMTP_URL's user and password ({failed.code}).")
    if isinstance(failed, SMTPResponseException):
        kind = MailRefused if 500 <= failed.code < 600 else MailDelayed
        return kind(f"The mail server answered {failed.code} ({what}).")
    if isinstance(failed, aiosmtplib.SMTPNotSupported):
        return MailRefused(f"The mail server cannot do what this mail needs ({what}).")
    return MailDelayed(f"The mail server cannot be spoken to ({what}).")
