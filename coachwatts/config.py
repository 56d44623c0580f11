"""One frozen Settings object, read from the environment (or `.env`) with the prefix COACHWATTS_.

A wrong value stops the start: the error names the variable and what is accepted.
"""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self, get_args
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from coachwatts.errors import CoachWattsError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
UNPREFIXED = {"DATABASE_URL", "DIRECT_URL", "REDIS_URL", "STORAGE_URL"}


class Mode(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SignUp(StrEnum):
    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class WrongSetting(CoachWattsError):
    """The message lists every wrong variable, one a line."""


def _either(name: str) -> Any:
    """A variable that other software also names without our prefix."""
    return Field(default=None, validation_alias=AliasChoices(f"COACHWATTS_{name}", name))


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "coachwatts"


CommaList = Annotated[tuple[str, ...], NoDecode]


class Login(BaseModel):
    """One OpenID Connect or OAuth sign-in, from COACHWATTS_LOGIN_<NAME>_{ISSUER,CLIENT_ID,CLIENT_SECRET,TITLE,ORIGIN}."""

    model_config = ConfigDict(frozen=True)

    issuer: str | None = None  # google and github need none
    client_id: str
    client_secret: SecretStr
    title: str | None = None
    origin: str | None = None  # takes the place of scheme and host in every address of theirs: a stand-in, a proxy

    @field_validator("issuer", "origin")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://unset")
        is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not parts.hostname or parts.query or not is_private:
            raise ValueError("write an address that begins with https://")
        return value and value.rstrip("/")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COACHWATTS_", env_file=".env", frozen=True, extra="ignore", populate_by_name=True)

    mode: Mode = Mode.DEVELOPMENT
    demo: bool = False  # shown as a badge: what is in here is not of real people
    bind: str = "127.0.0.1:8000"
    public_url: str = ""  # empty: http:// and the bind address
    allow_http: bool = False
    trusted_proxies: CommaList = ()
    cors_origins: CommaList = ()
    data_dir: Path = Field(default_factory=_default_data_dir)
    log_format: str = Field(default="auto", pattern="^(auto|json|text)$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    database_url: SecretStr | None = _either("DATABASE_URL")
    direct_url: SecretStr | None = _either("DIRECT_URL")
    redis_url: SecretStr | None = _either("REDIS_URL")
    storage_url: str | None = _either("STORAGE_URL")
    db_pool_size: int = Field(default=10, ge=1, le=200)
    db_max_overflow: int = Field(default=10, ge=0, le=200)
    db_pooler: bool = False  # a transaction pooler (PgBouncer) stands between us and PostgreSQL

    master_keys: SecretStr | None = None
    master_key_command: str | None = None

    sign_up: SignUp | None = None  # unset: open in development; in production open only until there is an admin
    smtp_url: SecretStr | None = None
    mail_from: str = "Coach Watts <coachwatts@localhost>"

    metrics_token: SecretStr | None = None  # whoever sends it may read /metrics; unset: this machine alone

    worker_concurrency: int = Field(default=10, ge=1, le=200)
    job_lease_s: float = Field(default=30, ge=0.3, le=600)  # after that long without a heartbeat another worker takes over
    job_poll_s: float = Field(default=5, ge=0.05, le=60)  # how late a job may start when the bell was lost
    job_grace_s: float = Field(default=8, ge=0, le=600)  # what a stopping worker leaves its jobs to finish
    worker_metrics: str = Field(default="", pattern=r"^([^:\s]+:\d{1,5})?$")  # host:port on which a worker answers Prometheus
    job_retention_days: int = Field(default=30, ge=1, le=3650)
    trusted_documents_only: bool = False
    introspection: bool | None = None  # unset: on in development only
    automatic_persisted_queries: bool = False

    logins: Annotated[dict[str, Login], NoDecode] = Field(default_factory=dict)  # filled by load() from COACHWATTS_LOGIN_*

    @field_validator("trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ip_network(part, strict=False)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise ValueError(f"'{origin}' is not an origin; write scheme and host, such as https://app.example.org")
        return value

    @field_validator("logins")
    @classmethod
    def _reachable(cls, value: dict[str, Login]) -> dict[str, Login]:
        for name, login in value.items():
            if name in {"email", "admin"}:
                raise ValueError(f"COACHWATTS_LOGIN_{name.upper()}_…: this name is taken by our own addresses; choose another")
            if login.issuer is None and name not in {"google", "github"}:
                raise ValueError(f"COACHWATTS_LOGIN_{name.upper()}_ISSUER: is missing; only Google and GitHub do without")
        return value

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
            raise ValueError("write host:port, such as 127.0.0.1:8000")
        return value

    @field_validator("database_url", "direct_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
            raise ValueError("write postgresql://user:password@host:port/database")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("write redis://host:port/0, rediss://… or unix:///path/to/socket")
        return value

    @field_validator("storage_url")
    @classmethod
    def _storage(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme not in {"file", "s3", "gs", "az", "memory"}:
            raise ValueError("write file:///folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"smtp", "smtps", "smtp+starttls"}:
            raise ValueError("write smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+", value.rstrip("/")):
            raise ValueError("write scheme and host without a path, such as https://watts.example.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe_outside(self) -> Self:
        url = urlsplit(self.base_url)
        if url.scheme == "http" and url.hostname not in LOOPBACK and not self.allow_http:
            raise ValueError(
                "COACHWATTS_PUBLIC_URL is plain http outside loopback; use https, or set COACHWATTS_ALLOW_HTTP=1 if the network is yours"
            )
        return self

    @property
    def base_url(self) -> str:
        host, _, port = self.bind.rpartition(":")
        host = "127.0.0.1" if host in {"0.0.0.0", "[::]", "::"} else host  # noqa: S104 - compared, not bound
        return self.public_url or f"http://{host}:{port}"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def on_loopback(self) -> bool:
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def is_production(self) -> bool:
        return self.mode is Mode.PRODUCTION

    @property
    def shows_links(self) -> bool:
        """Without SMTP, the page and the payload carry the link that a mail would: only where nobody but this machine can ask."""
        return self.smtp_url is None and self.on_loopback and not self.trusted_proxies and self._bound_host in LOOPBACK

    @property
    def _bound_host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")


# An error may repeat what was given only where that cannot be a secret.
OPEN = {
    name
    for name, field in Settings.model_fields.items()
    if SecretStr not in (field.annotation, *get_args(field.annotation)) and name not in {"storage_url", "master_key_command", "logins"}
}


def load(**given: Any) -> Settings:
    """Settings from the environment and `.env`; arguments win. Raises WrongSetting with one line per wrong variable."""
    try:
        return Settings(**{"logins": _logins({**dotenv_values(".env"), **os.environ}), **given})
    except ValidationError as wrong:
        raise WrongSetting("\n".join(_explain(error) for error in wrong.errors())) from None


def require_services(settings: Settings) -> None:
    """For a process that embeds nothing."""
    addresses = {name: getattr(settings, name.lower()) for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL")}
    missing = [name for name, value in addresses.items() if not value]
    if not (settings.master_keys or settings.master_key_command):
        missing.append("COACHWATTS_MASTER_KEYS (make some: coachwatts keys generate)")
    if missing:
        raise WrongSetting(f"not set: {', '.join(missing)}. `coachwatts up` brings what is not set.")


def _logins(environment: Mapping[str, str | None]) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for name, value in environment.items():
        if match := re.fullmatch(r"COACHWATTS_LOGIN_([A-Z0-9]+)_(ISSUER|CLIENT_ID|CLIENT_SECRET|TITLE|ORIGIN)", name):
            found.setdefault(match[1].lower(), {})[match[2].lower()] = value
    return found


def _explain(error: ErrorDetails) -> str:
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return reason  # concerns several variables and names them
    field, *rest = map(str, error["loc"])
    if field == "logins" and not rest:
        return reason  # names the variable
    if field == "logins":
        return f"COACHWATTS_LOGIN_{'_'.join(rest).upper()}: {reason}"
    shown = f" (got {error['input']!r})" if field in OPEN else ""
    return f"{_variable(field)}: {reason}{shown}"


def _variable(field: str) -> str:
    name = field.upper().removeprefix("COACHWATTS_")
    return name if name in UNPREFIXED else f"COACHWATTS_{name}"
