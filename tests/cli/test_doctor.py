import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from coachwatts import config
from coachwatts.cli.diagnosis.finding import Finding, Level
from coachwatts.cli.diagnosis.services import look_at_services
from coachwatts.cli.diagnosis.surroundings import look_around
from coachwatts.config import Settings

Run = Callable[..., subprocess.CompletedProcess[str]]


def found(findings: list[Finding], about: str) -> Finding:
    return next(finding for finding in findings if finding.about == about)


async def test_a_sound_installation_gets_no_complaint(settings: Settings) -> None:
    findings = await look_at_services(settings)
    assert [finding for finding in findings if finding.level is not Level.GOOD] == []
    assert {"PostgreSQL", "Database role", "Migrations", "Redis", "Storage", "E-mail"} <= {finding.about for finding in findings}


async def test_an_application_that_signs_in_as_the_owner_is_told(settings: Settings) -> None:
    findings = await look_at_services(settings.model_copy(update={"database_url": settings.direct_url}))
    assert found(findings, "Database role").level is Level.BAD
    assert "owner of the tables" in found(findings, "Database role").text


async def test_with_one_address_it_steps_down_and_that_is_fine(settings: Settings) -> None:
    findings = await look_at_services(settings.model_copy(update={"database_url": settings.direct_url, "direct_url": None}))
    assert found(findings, "Database role").level is Level.GOOD


async def test_a_service_that_is_away_does_not_hide_the_others() -> None:
    away = config.load(
        _env_file=None, database_url="postgresql://u:hunter2@127.0.0.1:1/x", redis_url="redis://127.0.0.1:1", storage_url="memory://"
    )
    findings = await look_at_services(away)
    assert found(findings, "PostgreSQL").level is Level.BAD
    assert found(findings, "Redis").level is Level.BAD
    assert found(findings, "Storage").level is Level.GOOD
    assert all(finding.advice for finding in findings if finding.level is Level.BAD)
    assert "hunter2" not in repr(findings)


async def test_a_storage_that_cannot_be_written_to_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    findings = await look_at_services(settings.model_copy(update={"storage_url": (tmp_path / "file").as_uri()}))
    assert found(findings, "Storage").level is Level.BAD


async def test_a_mail_server_that_is_away_is_told(settings: Settings) -> None:
    findings = await look_at_services(config.load(**{**settings.model_dump(), "smtp_url": "smtp://u:hunter2@127.0.0.1:1"}))
    assert found(findings, "E-mail").level is Level.BAD
    assert "hunter2" not in repr(findings)


async def test_a_public_server_without_mail_is_told(settings: Settings) -> None:
    findings = await look_at_services(settings.model_copy(update={"public_url": "https://watts.example.org"}))
    assert found(findings, "E-mail").level is Level.BAD


def test_a_misspelt_variable_is_recognised(settings: Settings) -> None:
    findings = list(look_around(settings, {"COACHWATTS_PUBLIC_ULR": "x", "COACHWATTS_LOGIN_CLUB_ISSUER": "y", "HOME": "z"}))
    finding = found(findings, "Settings")
    assert finding.level is Level.WARNING
    assert finding.advice == "Did you mean COACHWATTS_PUBLIC_URL?"


def test_an_open_data_folder_is_told(settings: Settings) -> None:
    settings.data_dir.chmod(0o755)
    finding = found(list(look_around(settings, {})), "Data folder")
    settings.data_dir.chmod(0o700)
    assert finding.level is Level.WARNING
    assert finding.advice == f"chmod 700 {settings.data_dir}"
    assert found(list(look_around(settings, {})), "Data folder").level is Level.GOOD


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"public_url": "http://watts.example.org", "allow_http": True}, "Public address"),
        ({"mode": "production", "sign_up": "open"}, "Sign-up"),
    ],
)
def test_what_is_allowed_but_unwise_is_a_warning(tmp_path: Path, changes: dict[str, object], about: str) -> None:
    settings = config.load(_env_file=None, data_dir=tmp_path / "data", **changes)
    finding = found(list(look_around(settings, {})), about)
    assert finding.level is Level.WARNING
    assert finding.advice


def test_wrong_keys_are_told_without_showing_them(settings: Settings) -> None:
    wrong = config.load(_env_file=None, data_dir=settings.data_dir, master_keys="k:hunter2")
    finding = found(list(look_around(wrong, {})), "Keys")
    assert finding.level is Level.BAD
    assert "hunter2" not in repr(finding)


def test_the_command_starts_what_is_embedded_and_answers_scripts(coachwatts: Run) -> None:
    done = coachwatts("doctor", "--json")
    findings = {finding["about"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 1
    assert findings["PostgreSQL"]["level"] == "good"
    assert findings["Redis program"]["text"].endswith("-server")
    assert findings["Migrations"]["level"] == "bad"
    assert "coachwatts migrate" in findings["Migrations"]["advice"]
    assert coachwatts("migrate").returncode == 0
    healthy = coachwatts("doctor")
    assert healthy.returncode == 0
    assert "WRONG" not in healthy.stdout


def test_the_command_lists_wrong_settings(coachwatts: Run) -> None:
    done = coachwatts("doctor", COACHWATTS_MODE="prod", COACHWATTS_BIND="x")
    assert done.returncode == 1
    assert done.stdout.count("WRONG") == 2
    assert "COACHWATTS_MODE" in done.stdout
    assert "COACHWATTS_BIND" in done.stdout
