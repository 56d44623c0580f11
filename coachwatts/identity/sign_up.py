"""Sign-up answers the same for a new address and for one that has an account: only the mailbox learns which it was.

Three steps, because weighing and hashing a password takes a while and must not hold a transaction: `require_open`, `check`,
`sign_up`.
"""

from dataclasses import dataclass, field

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.config import Settings, SignUp
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, InvalidInput, NotAllowed
from coachwatts.identity import links, mails
from coachwatts.identity.new_password import Chosen, choose
from coachwatts.identity.repository import people, relationships
from coachwatts.ids import new_id
from coachwatts.mail.letters import Letter
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security import passwords
from coachwatts.security.tokens import Token, TokenKind


@dataclass(frozen=True, slots=True)
class Form:
    email: str
    password: str = field(repr=False)
    name: str = ""
    timezone: str = "UTC"
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Applicant:
    """A form in which everything is right."""

    email: str
    name: str
    timezone: str
    locale: str
    password: Chosen


async def require_open(session: ReadSession, settings: Settings, invitation: str | None = None) -> None:
    mails.require_way(settings)
    await require_policy(session, settings, invitation)


async def require_policy(session: ReadSession, settings: Settings, invitation: str | None = None) -> None:
    """For an address that needs no mail: a provider vouches for it."""
    policy = settings.sign_up or (SignUp.CLOSED if settings.is_production and await people.has_admin(session) else SignUp.OPEN)
    if policy is SignUp.CLOSED:
        raise NotAllowed("Sign-up is closed here. Ask the administrator for an account.")
    if policy is SignUp.INVITE and not await _is_invited(session, invitation):
        raise NotAllowed("Sign-up is by invitation here. Open the link of an invitation first.", field="invitation")


async def check(form: Form) -> Applicant:
    """Raises InvalidInput with every problem of the form. Hashes for a known address too: the same work, the same time."""
    checks = Checks()
    email = checks.email("email", form.email)
    name = checks.line("name", form.name, most=200)
    timezone, locale = checks.timezone("timezone", form.timezone), checks.locale("locale", form.locale)
    try:
        password = await choose(form.password, about=(form.email, form.name))
    except InvalidInput as weak:
        checks.add(*weak.problems)
        checks.done()
        raise
    checks.done()
    return Applicant(email, name, timezone, locale, password)


async def sign_up(session: WriteSession, runtime: Runtime, applicant: Applicant) -> links.Sent:
    account = await people.lock_by_email(session, applicant.email)
    if account is None:
        account = await _create(session, applicant)
        return await links.send(session, runtime, account.id, EmailPurpose.VERIFY_EMAIL, account.email)
    if not account.is_active:
        return links.Sent()
    if account.email_verified_at:
        return await links.send(session, runtime, account.id, EmailPurpose.RESET_PASSWORD, account.email, letter=Letter.EXISTING_ACCOUNT)
    # Nobody has shown to own the mailbox yet: the newest sign-up counts, and only its link works.
    account.password_hash, account.name = applicant.password.hash, applicant.name
    account.timezone, account.locale = applicant.timezone, applicant.locale
    return await links.send(session, runtime, account.id, EmailPurpose.VERIFY_EMAIL, account.email)


class OtherPassword(CoachWattsError):
    def __init__(self) -> None:
        super().__init__(
            "This is not the password of the newest sign-up with this address. Sign up once more to choose one.",
            field="password",
            code=ErrorCode.WRONG_CREDENTIALS,
        )


async def verify_email(session: WriteSession, link_token: str, password: str) -> UserAccount:
    """The mailbox is theirs, and so is the password: else whoever signs up with somebody's address, and waits for its owner to
    open the link, would have a verified account that the owner believes to be their own."""
    link = await links.use(session, link_token, EmailPurpose.VERIFY_EMAIL)
    if not await passwords.verify(link.account.password_hash, password):
        raise OtherPassword
    link.account.email_verified_at = clock.now()
    return link.account


async def send_again(session: WriteSession, runtime: Runtime, email: str) -> links.Sent:
    """Another link to an address that waits to be verified. Says the same for every other address, and does nothing."""
    mails.require_way(runtime.settings)
    account = await people.lock_by_email(session, email)
    if account is None or not account.is_active or account.email_verified_at:
        return links.Sent()
    return await links.send(session, runtime, account.id, EmailPurpose.VERIFY_EMAIL, account.email)


async def _is_invited(session: ReadSession, invitation: str | None) -> bool:
    token = Token.parse(invitation, TokenKind.INVITE) if invitation else None
    return token is not None and await relationships.inviter_of(session, token.hash) is not None


async def _create(session: WriteSession, applicant: Applicant) -> UserAccount:
    account = UserAccount(
        id=new_id(),
        email=applicant.email,
        password_hash=applicant.password.hash,
        name=applicant.name,
        timezone=applicant.timezone,
        locale=applicant.locale,
    )
    await session.see(Scope.own(account.id))
    if not await people.insert(session, account):
        raise Conflict("Somebody signed up with this address at the same moment. Try again.", field="email")
    return account
