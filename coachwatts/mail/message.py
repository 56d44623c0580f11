"""A letter as the message that goes over the wire."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr

from email_validator import validate_email

from coachwatts import clock
from coachwatts.mail.letters import Written


def compose(written: Written, *, sender: str, to: str, message_id: str) -> EmailMessage:
    """Sent twice (a worker died between the mail and the note of it), it has the same id and shows once."""
    name, from_address = parseaddr(sender)
    recipient = validate_email(to, check_deliverability=False)
    message = EmailMessage(SMTPUTF8)
    message["From"] = Address(name, addr_spec=from_address)
    message["To"] = Address(username=recipient.local_part, domain=recipient.ascii_domain)
    message["Subject"] = written.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{message_id}@{from_address.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    return message
