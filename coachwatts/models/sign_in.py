"""How a person gets in: sessions, personal tokens, the second factor, links by e-mail, sign-in elsewhere."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from coachwatts.db.encrypted import Encrypted
from coachwatts.models.base import AccountRow, InstanceRow, one_of
from coachwatts.security.cipher import Sealed


class Session(AccountRow):
    __tablename__ = "session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # when the password was last given: what a delicate change asks for
    remember_me: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    second_factor_due: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # the password was right; the code is still missing
    ip: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(512))
    device_type: Mapped[str | None] = mapped_column(String(40))
    browser: Mapped[str | None] = mapped_column(String(80))
    os: Mapped[str | None] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(String(80))


class AccessToken(AccountRow):
    """A personal token for scripts. Only its hash is kept; the prefix lets its owner recognise it."""

    __tablename__ = "access_token"

    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    prefix: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Totp(AccountRow):
    __tablename__ = "totp"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), unique=True, sort_order=-1)
    secret: Mapped[Sealed] = mapped_column(Encrypted)
    confirmed_at: Mapped[datetime | None]  # set once a first code was right; until then it protects nothing
    last_step: Mapped[int | None]  # a code is accepted once
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # in a row, of this account, however they came
    locked_until: Mapped[datetime | None]


class RecoveryCode(AccountRow):
    __tablename__ = "recovery_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)


class EmailPurpose(StrEnum):
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "CHANGE_EMAIL"
    KEEP_EMAIL = "KEEP_EMAIL"  # to the old address: "it was not me"
    UNLOCK_ACCOUNT = "UNLOCK_ACCOUNT"


class EmailToken(AccountRow):
    """A link in a mail: single use. The token itself lies here sealed only until the mail has left."""

    __tablename__ = "email_token"

    purpose: Mapped[str]
    identifier: Mapped[str] = mapped_column(String(254))  # the address the mail goes to
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    token: Mapped[Sealed | None] = mapped_column(Encrypted)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (one_of("purpose", EmailPurpose),)


class LoginAccount(AccountRow):
    """A sign-in identity at somebody else's door. Not an integration: it brings no data."""

    __tablename__ = "login_account"

    provider: Mapped[str] = mapped_column(String(40))
    provider_account_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(20))
    access_token: Mapped[Sealed | None] = mapped_column(Encrypted)
    refresh_token: Mapped[Sealed | None] = mapped_column(Encrypted)
    id_token: Mapped[Sealed | None] = mapped_column(Encrypted)
    expires_at: Mapped[datetime | None]
    token_type: Mapped[str | None] = mapped_column(String(40))
    scope: Mapped[str | None] = mapped_column(String(1000))
    session_state: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (UniqueConstraint("provider", "provider_account_id"),)


class OAuthFlow(InstanceRow):
    """One trip to a provider and back. Found by the hash of its state, bound to the browser by the hash of a cookie."""

    __tablename__ = "oauth_flow"

    provider: Mapped[str] = mapped_column(String(40))
    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )  # set when linking to a signed-in person
    pkce_verifier: Mapped[Sealed | None] = mapped_column(Encrypted)
    nonce: Mapped[Sealed | None] = mapped_column(Encrypted)
    return_to: Mapped[str] = mapped_column(String(2000))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_oauth_flow__expires_at", "expires_at"),)


class AdminLink(InstanceRow):
    """The one-time link that makes whoever opens it, signed in, the first administrator."""

    __tablename__ = "admin_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class IdempotencyKey(AccountRow):
    """A creating mutation that was repeated answers with what it made the first time."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(200))
    operation: Mapped[str] = mapped_column(String(100))
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    result_id: Mapped[UUID]
    expires_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("user_id", "operation", "key"),)
