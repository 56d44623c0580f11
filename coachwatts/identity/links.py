"""Links that prove that a mailbox is somebody's: verify, reset, change, unlock. Single use; one live link per purpose."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.session import WriteSession
from coachwatts.identity.repository import email_tokens as repository
from coachwatts.ids import new_id
from coachwatts.models.sign_in import EmailPurpose, EmailToken
from coachwatts.runtime import Runtime
from coachwatts.security.cipher import Place
from coachwatts.security.tokens import Token, TokenKind

LASTS = {
    EmailPurpose.VERIFY_EMAIL: timedelta(days=3),
    EmailPurpose.RESET_PASSWORD: timedelta(hours=1),
    EmailPurpose.CHANGE_EMAIL: timedelta(hours=24),
    EmailPurpose.UNLOCK_ACCOUNT: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person is told. The link itself only where there is no mail server and nobody else could read it."""

    link: str | None


def address(settings: Settings, token: Token) -> str:
    return f"{settings.base_url}/auth/email/{token.text}"


async def send(session: WriteSession, runtime: Runtime, user_id: UUID, purpose: EmailPurpose, to: str) -> Sent:
    now = clock.now()
    await repository.close_open(session, user_id, purpose, now)
    token, row_id = Token.new(TokenKind.EMAIL), new_id()
    sealed = runtime.keys.seal(token.text, Place("email_token", user_id, row_id, "token"))
    session.add(
        EmailToken(
            id=row_id, user_id=user_id, purpose=purpose, identifier=to, token_hash=token.hash, token=sealed, expires_at=now + LASTS[purpose]
        )
    )
    return Sent(address(runtime.settings, token) if runtime.settings.shows_links else None)
