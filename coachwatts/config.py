"""One frozen Settings object, read from the environment (or `.env`) with the prefix COACHWATTS_.

A wrong value stops the start: the error names the variable and what is accepted.
"""

import json
import os
import re
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Mode(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SignUp(StrEnum):
    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class WrongSetting(Exception):
    """The message lists every wrong variable, one a line."""


def _either(name: str) -> Any:
    """A variable that other software also names without our prefix."""
    return Field(default=None, validation_alias=AliasChoices(f"COACHWATTS_{name}", name))


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "coachwatts"


CommaList = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COACHWATTS_", env_file=".env", frozen=True, extra="ignore", populate_by_name=True)

    mode: Mode = Mode.DEVELOPMENT
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

    worker_concurrency: int = Field(default=10, ge=1, le=200)
    trusted_documents_only: bool = False
    introspection: bool | None = None  # unset: on in development only
    automatic_persisted_queries: bool = False

    logins: dict[str, "Login"] = Field(default_factory=dict, validation_alias="coachwatts_logins")

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
            raise ValueError("PUBLIC_URL is plain http outside loopback; use https, or set COACHWATTS_ALLOW_HTTP=1 if the network is yours")
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
        """Without SMTP, on loopback, the page and the payload carry the link that a mail would."""
        return self.smtp_url is None and self.on_loopback


class Login(BaseSettings):
    """One OpenID Connect or OAuth sign-in, from COACHWATTS_LOGIN_<NAME>_{ISSUER,CLIENT_ID,CLIENT_SECRET}."""

    model_config = SettingsConfigDict(frozen=True)

    issuer: str | None = None  # google and github need none
    client_id: str
    client_secret: SecretStr
    title: str | None = None


def load(**given: Any) -> Settings:
    """Settings from the environment; arguments win. Raises WrongSetting with one line per wrong variable."""
    try:
        return Settings(logins=_logins(os.environ), **given)
    except ValidationError as wrong:
        raise WrongSetting("\n".join(_explain(error) for error in wrong.errors())) from None


def _logins(environ: Any) -> dict[str, Login]:
    found: dict[str, dict[str, str]] = {}
    for name, value in environ.items():
        if match := re.fullmatch(r"COACHWATTS_LOGIN_([A-Z0-9]+)_(ISSUER|CLIENT_ID|CLIENT_SECRET|TITLE)", name):
            found.setdefault(match[1].lower(), {})[match[2].lower()] = value
    return {name: Login(**values) for name, values in found.items()}


def _explain(error: Any) -> str:
    place = [str(part) for part in error["loc"]] or ["settings"]
    variable = place[0].upper()
    if not variable.startswith("COACHWATTS_") and variable not in {"DATABASE_URL", "DIRECT_URL", "REDIS_URL", "STORAGE_URL", "SETTINGS"}:
        variable = f"COACHWATTS_{variable}"
    return f"{variable}: {error['msg'].removeprefix('Value error, ')} (got {json.dumps(str(error['input'])) if error['type'] != 'value_error' or len(place) == 1 and 'url' not in place[0].lower() else 'a value that is not shown'})"
