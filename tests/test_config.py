import os
from pathlib import Path

import pytest

from coachwatts import config
from coachwatts.config import Mode, Settings, WrongSetting


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of this machine, and no .env of this checkout."""
    for name in os.environ:
        if name.startswith("COACHWATTS_") or name in config.UNPREFIXED:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def wrong(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        config.load()
    return str(caught.value)


def test_nothing_set_is_a_development_server_on_loopback() -> None:
    settings = config.load()
    assert settings.mode is Mode.DEVELOPMENT
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.on_loopback
    assert settings.shows_links
    assert not settings.demo


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("COACHWATTS_MODE", "prod", "'development' or 'production'"),
        ("COACHWATTS_BIND", "8000", "host:port"),
        ("COACHWATTS_BIND", "127.0.0.1:99999", "host:port"),
        ("COACHWATTS_PUBLIC_URL", "https://x.example.org/app", "scheme and host without a path"),
        ("COACHWATTS_SIGN_UP", "maybe", "'open', 'invite' or 'closed'"),
        ("COACHWATTS_LOG_LEVEL", "loud", "debug|info|warning|error"),
        ("COACHWATTS_DB_POOL_SIZE", "0", "greater than or equal to 1"),
        ("COACHWATTS_ALLOW_HTTP", "perhaps", "boolean"),
        ("COACHWATTS_TRUSTED_PROXIES", "10.0.0.0/8, proxy", "IPv4 or IPv6 network"),
        ("COACHWATTS_CORS_ORIGINS", "*", "scheme and host"),
        ("COACHWATTS_CORS_ORIGINS", "https://a.example/x", "scheme and host"),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_what_is_accepted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, accepted: str
) -> None:
    message = wrong(monkeypatch, **{name: value})
    assert message.startswith(f"{name}: ")
    assert accepted in message


@pytest.mark.parametrize("prefix", ["", "COACHWATTS_"])
@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@db/x", "postgresql://"),
        ("DIRECT_URL", "hunter2", "postgresql://"),
        ("REDIS_URL", "http://:hunter2@cache", "redis://"),
        ("STORAGE_URL", "ftp://k:hunter2@files", "s3://"),
    ],
)
def test_a_wrong_address_is_told_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, prefix: str, name: str, value: str, accepted: str
) -> None:
    message = wrong(monkeypatch, **{prefix + name: value})
    assert message.startswith(f"{name}: ")
    assert accepted in message
    assert "hunter2" not in message


def test_every_wrong_variable_is_told_at_once_one_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    message = wrong(monkeypatch, COACHWATTS_MODE="x", COACHWATTS_BIND="y", COACHWATTS_SMTP_URL="imap://u:hunter2@h")
    assert [line.split(":")[0] for line in message.splitlines()] == ["COACHWATTS_MODE", "COACHWATTS_BIND", "COACHWATTS_SMTP_URL"]
    assert "hunter2" not in message


def test_plain_http_outside_loopback_needs_to_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "COACHWATTS_ALLOW_HTTP" in wrong(monkeypatch, COACHWATTS_PUBLIC_URL="http://watts.example.org")
    monkeypatch.setenv("COACHWATTS_ALLOW_HTTP", "1")
    assert not config.load().is_https


def test_the_public_address_wins_over_the_bound_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHWATTS_BIND", "0.0.0.0:80")
    assert config.load().base_url == "http://127.0.0.1:80"
    monkeypatch.setenv("COACHWATTS_PUBLIC_URL", "https://watts.example.org/")
    settings = config.load()
    assert settings.base_url == "https://watts.example.org"
    assert settings.is_https
    assert not settings.shows_links


@pytest.mark.parametrize(
    "reachable",
    [
        {"BIND": "0.0.0.0:80"},
        {"BIND": "0.0.0.0:80", "PUBLIC_URL": "http://127.0.0.1:80"},
        {"BIND": "[::]:80"},
        {"BIND": "192.0.2.7:80", "PUBLIC_URL": "http://localhost:80"},
        {"TRUSTED_PROXIES": "127.0.0.1"},
        {"PUBLIC_URL": "https://watts.example.org"},
        {"SMTP_URL": "smtp://localhost"},
    ],
    ids=str,
)
def test_a_link_that_signs_in_is_shown_only_where_no_other_machine_can_ask(
    monkeypatch: pytest.MonkeyPatch, reachable: dict[str, str]
) -> None:
    for name, value in reachable.items():
        monkeypatch.setenv(f"COACHWATTS_{name}", value)
    assert not config.load().shows_links


@pytest.mark.parametrize("bind", ["127.0.0.1:0", "localhost:8000", "[::1]:8000"])
def test_bound_to_this_machine_alone_the_link_is_shown(monkeypatch: pytest.MonkeyPatch, bind: str) -> None:
    monkeypatch.setenv("COACHWATTS_BIND", bind)
    assert config.load().shows_links


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHWATTS_CORS_ORIGINS", "https://a.example, http://localhost:5173,")
    assert config.load().cors_origins == ("https://a.example", "http://localhost:5173")


def test_addresses_are_read_with_and_without_the_prefix_and_the_prefix_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://plain/x")
    settings = config.load()
    assert settings.database_url
    assert settings.database_url.get_secret_value() == "postgresql://plain/x"
    monkeypatch.setenv("COACHWATTS_DATABASE_URL", "postgresql://ours/x")
    settings = config.load()
    assert settings.database_url
    assert settings.database_url.get_secret_value() == "postgresql://ours/x"


def test_sign_ins_are_found_by_their_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COACHWATTS_LOGIN_GITHUB_CLIENT_ID=abc\nCOACHWATTS_LOGIN_GITHUB_CLIENT_SECRET=hunter2\n")
    monkeypatch.setenv("COACHWATTS_LOGIN_CLUB_ISSUER", "https://id.example.org")
    monkeypatch.setenv("COACHWATTS_LOGIN_CLUB_CLIENT_ID", "def")
    monkeypatch.setenv("COACHWATTS_LOGIN_CLUB_CLIENT_SECRET", "hunter3")
    logins = config.load().logins
    assert {name: (login.issuer, login.client_id) for name, login in logins.items()} == {
        "github": (None, "abc"),
        "club": ("https://id.example.org", "def"),
    }


def test_a_sign_in_that_lacks_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    message = wrong(monkeypatch, COACHWATTS_LOGIN_CLUB_CLIENT_ID="abc")
    assert message == "COACHWATTS_LOGIN_CLUB_CLIENT_SECRET: Field required"


def test_a_sign_in_takes_nothing_from_variables_of_other_software(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "hunter2")
    assert "CLIENT_SECRET: Field required" in wrong(monkeypatch, COACHWATTS_LOGIN_CLUB_CLIENT_ID="abc")


def test_no_secret_shows_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/x")
    monkeypatch.setenv("COACHWATTS_MASTER_KEYS", "k:hunter2")
    monkeypatch.setenv("COACHWATTS_SMTP_URL", "smtp://u:hunter2@mail")
    monkeypatch.setenv("COACHWATTS_LOGIN_GITHUB_CLIENT_ID", "abc")
    monkeypatch.setenv("COACHWATTS_LOGIN_GITHUB_CLIENT_SECRET", "hunter2")
    settings = config.load()
    assert "hunter2" not in repr(settings) + str(settings.model_dump())


def test_a_process_that_embeds_nothing_names_what_it_lacks() -> None:
    with pytest.raises(WrongSetting, match="not set: DATABASE_URL, REDIS_URL, STORAGE_URL, COACHWATTS_MASTER_KEYS") as caught:
        config.require_services(config.load())
    assert "coachwatts up" in str(caught.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load().mode = Mode.PRODUCTION


def test_only_what_cannot_be_a_secret_may_be_repeated() -> None:
    shown = config.OPEN
    assert {"mode", "bind", "cors_origins"} <= shown
    assert shown.isdisjoint(
        {"database_url", "direct_url", "redis_url", "storage_url", "smtp_url", "master_keys", "master_key_command", "logins"}
    )
    assert shown < set(Settings.model_fields)
