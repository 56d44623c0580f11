"""A mail server that keeps what it gets, and a worker that sends what is due."""

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from coachwatts.config import Settings
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import by_name
from coachwatts.runtime import Runtime
from tests.kit.jobs import QUICK
from workers.mail import send_mail

logging.getLogger("mail.log").setLevel(logging.ERROR)  # what a mail server writes down is not what we do
USER, PASSWORD = "post@example.org", "s3cret/with:signs"


@dataclass
class Postbox:
    """Answers as it is told: `answers[address]` are what it says to that recipient, one after the other, before it accepts."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    signed_in: bool | None = None

    async def handle_RCPT(self, _s: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if waiting := self.answers.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.signed_in = session.authenticated
        assert isinstance(envelope.content, bytes)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    async def wait_for(self, address: str, *, subject: str = "", count: int = 1) -> EmailMessage:
        async with asyncio.timeout(10):
            while len(found := [mail for mail in self.to(address) if subject in mail["Subject"]]) < count:  # noqa: ASYNC110 - from a socket
                await asyncio.sleep(0.02)
        return found[-1]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def token_of(mail: EmailMessage) -> str:
    found = re.search(r"/auth/email/(\S+)", text_of(mail))
    assert found, text_of(mail)
    return found[1]


@asynccontextmanager
async def mail_server(*, scheme: str = "smtp", tls: ssl.SSLContext | None = None, sign_in: bool = False) -> AsyncIterator[Postbox]:
    box = Postbox()
    options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if sign_in:
        options |= {"authenticator": _authenticate, "auth_require_tls": scheme == "smtp+starttls"}  # it takes only STARTTLS for TLS
    if scheme == "smtp+starttls":
        options |= {"tls_context": tls, "require_starttls": True}
    implicit = tls if scheme == "smtps" else None
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, **options), "127.0.0.1", 0, ssl=implicit)
    who = f"{USER.replace('@', '%40')}:{PASSWORD.replace('/', '%2F').replace(':', '%3A')}@" if sign_in else ""
    box.url = f"{scheme}://{who}127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield box
    finally:
        server.close()


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def with_mail(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(url)})


@asynccontextmanager
async def mail_worker(runtime: Runtime) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(runtime.db, runtime, by_name([send_mail]), timing=QUICK)
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        await running
