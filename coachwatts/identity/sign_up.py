"""Sign-up answers the same for a new address and for one that has an account: only the mailbox learns which it was."""

from dataclasses import dataclass, field

from coachwatts import clock
from coachwatts.checks import Checks
from coachwatts.config import SignUp
from coachwatts.db.scope import Scope
from coachwatts.db.session import WriteSession
from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, InvalidInput, NotAllowed
from coachwatts.identity import links
from coachwatts.identity.repository import email_tokens, people
from coachwatts.ids import new_id
from coachwatts.models.sign_in import EmailPurpose
from coachwatts.models.user import UserAccount
from coachwatts.runtime import Runtime
from coachwatts.security import password_rules, passwords
from coachwatts.security.tokens import Token, TokenKind


@dataclass(frozen=True, slots=True)
class Form:
    email: str
    password: str = field(repr=False)
    name: str = ""
    timezone: str = "UTC"
    locale: str = "en"


async def sign_up(session: WriteSession, runtime: Runtime, form: Form) -> links.Sent:
    await _refuse_when_closed(session, runtime)
    form = await _checked(form)
    password_hash = await passwords.hash_password(form.password)  # for a known address too: the same answer in the same time
    known = await people.id_by_email(session, form.email)
    if known is None:
        return await _create(session, runtime, form, password_hash)
    await session.see(Scope.own(known))
    account = await people.by_id(session, known, lock=True)
    if account and account.email_verified_at is None:
        # Nobody has shown to own the mailbox yet: the newest sign-up counts, and only its link works.
        account.password_hash, account.name = password_hash, form.name
    purpose = EmailPurpose.VERIFY_EMAIL if account and account.email_verified_at is None else EmailPurpose.RESET_PASSWORD
    return await links.send(session, runtime, known, purpose, form.email)


async def verify_email(session: WriteSession, link_token: str) -> UserAccount:
    """The link was opened: the mailbox is theirs. A link that was used, ran out or never was gives one answer."""
    token = Token.parse(link_token, TokenKind.EMAIL)
    owner = await email_tokens.owner_of(session, token.hash) if token else None
    if token is None or owner is None:
        raise LinkExpired
    await session.see(Scope.own(owner))
    row = await email_tokens.by_hash(session, token.hash)
    account = await people.by_id(session, owner, lock=True)
    if account is None or row is None or row.purpose != EmailPurpose.VERIFY_EMAIL or row.used_at or row.expires_at <= clock.now():
        raise LinkExpired
    row.used_at, row.token = clock.now(), None
    account.email_verified_at = clock.now()
    return account


class LinkExpired(CoachWattsError):
    def __init__(self) -> None:
        super().__init__("This link has been used or has run out. Ask for a new one.", field="token", code=ErrorCode.EXPIRED)


async def _refuse_when_closed(session: WriteSession, runtime: Runtime) -> None:
    chosen = runtime.settings.sign_up
    if chosen is None and runtime.settings.is_production:
        chosen = SignUp.CLOSED if await people.has_admin(session) else SignUp.OPEN
    if chosen in {SignUp.CLOSED, SignUp.INVITE}:
        raise NotAllowed("Sign-up is closed here. Ask the administrator for an invitation.")


async def _checked(form: Form) -> Form:
    checks = Checks()
    checked = Form(
        email=checks.email("email", form.email),
        password=form.password,
        name=checks.text("name", form.name, most=200),
        timezone=checks.timezone("timezone", form.timezone),
        locale=checks.locale("locale", form.locale),
    )
    try:
        await password_rules.check(form.password, about=(form.email, form.name))
    except InvalidInput as weak:
        checks.add(*weak.problems)
    checks.done()
    return checked


async def _create(session: WriteSession, runtime: Runtime, form: Form, password_hash: str) -> links.Sent:
    user_id = new_id()
    await session.see(Scope.own(user_id))
    account = UserAccount(
        id=user_id, email=form.email, password_hash=password_hash, name=form.name, timezone=form.timezone, locale=form.locale
    )
    if not await people.insert(session, account):
        raise Conflict("Somebody signed up with this address at the same moment. Try again.", field="email")
    return await links.send(session, runtime, user_id, EmailPurpose.VERIFY_EMAIL, form.email)
