import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from coachwatts.embedded.postgres import EmbeddedPostgres
from tests.kit.up import PATIENCE_S, Up, cmdline


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture(scope="module")
def up(plain_environment: dict[str, str], data: Path) -> Iterator[Up]:
    """One for the tests that leave it running."""
    up = Up({**plain_environment, "COACHWATTS_DATA_DIR": str(data)}, data.parent)
    up.await_ready()
    yield up
    assert up.stop() == 0


def status(address: str) -> int:
    return httpx.get(address, timeout=10).status_code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_runs_everything_and_a_signal_stops_it_all(environment: dict[str, str], number: signal.Signals, tmp_path: Path) -> None:
    up = Up(environment, tmp_path)
    address = up.await_ready()
    assert status(f"{address}/readyz") == 200
    family = up.family()
    names = " ".join(" ".join(process.cmdline()) for process in family)
    assert all(name in names for name in ("postgres", "redis-server", "serve", "worker"))
    assert up.stop(number) == 0
    assert up.said[-1] == "Stopped."
    assert [process for process in family if process.is_running()] == []
    assert list((tmp_path / "data").glob("*.pid")) == []


def test_a_second_one_on_the_same_data_is_refused_in_one_line(up: Up, environment: dict[str, str], data: Path) -> None:
    second = Up({**environment, "COACHWATTS_DATA_DIR": str(data)}, data.parent)
    assert second.end() == 1
    [line] = second.said
    assert f"{data} is in use by process {up.process.pid}" in line
    assert status(f"{up.await_ready()}/healthz") == 200


def test_it_offers_a_link_to_become_administrator(up: Up) -> None:
    until = time.monotonic() + PATIENCE_S
    while not (links := re.findall(r"http://\S+/auth/admin/\S+", "\n".join(up.said))):
        assert time.monotonic() < until, up.said
        time.sleep(0.05)
    assert links[0].startswith(up.await_ready())
    assert httpx.get(links[0], timeout=10).status_code == 200


def test_a_port_in_use_is_told_before_anything_is_made(up: Up, environment: dict[str, str], tmp_path: Path) -> None:
    bind = up.await_ready().removeprefix("http://")
    other = Up({**environment, "COACHWATTS_BIND": bind, "COACHWATTS_DATA_DIR": str(tmp_path / "other")}, tmp_path)
    assert other.end() == 1
    [line] = other.said
    assert f"Cannot listen on {bind}" in line
    assert not (tmp_path / "other").exists()


def test_what_dies_is_started_again(up: Up) -> None:
    address = up.await_ready()
    for word in ("serve", "worker", "redis-server", "bin/postgres"):
        victim = next(process for process in up.family() if word in " ".join(cmdline(process)))
        victim.kill()
        await_another(up, word, victim)
    until = time.monotonic() + PATIENCE_S
    while not is_ready(address):
        assert time.monotonic() < until, up.said
        time.sleep(0.1)


def await_another(up: Up, word: str, victim: psutil.Process) -> None:
    until = time.monotonic() + PATIENCE_S
    while not [process for process in up.family() if word in " ".join(cmdline(process)) and process != victim]:
        assert time.monotonic() < until, up.said
        time.sleep(0.1)


def is_ready(address: str) -> bool:
    try:
        return status(f"{address}/readyz") == 200
    except httpx.HTTPError:
        return False


def test_a_configured_database_is_used_and_none_is_embedded(environment: dict[str, str], tmp_path: Path) -> None:
    database = EmbeddedPostgres(tmp_path / "external", durable=False)
    database.start()
    try:
        up = Up({**environment, "DATABASE_URL": database.app_url, "DIRECT_URL": database.owner_url}, tmp_path)
        assert status(f"{up.await_ready()}/readyz") == 200
        assert not (tmp_path / "data" / "postgres").exists()
        assert up.stop() == 0
        assert database.alive
    finally:
        database.stop()


def test_a_demonstration_is_marked(environment: dict[str, str], tmp_path: Path) -> None:
    up = Up(environment, tmp_path, "--demo")
    try:
        assert "demo" in httpx.get(up.await_ready(), timeout=10).text.lower()
    finally:
        assert up.stop() == 0


def test_a_failed_migration_stops_it_in_clear_words(environment: dict[str, str], tmp_path: Path) -> None:
    database = EmbeddedPostgres(tmp_path / "external", durable=False)
    database.start()
    try:
        wrong = database.app_url.replace("coachwatts_api:", "coachwatts_api:x")
        up = Up({**environment, "DATABASE_URL": wrong, "DIRECT_URL": wrong}, tmp_path)
        assert up.end() == 1
        assert any("password authentication failed" in line for line in up.said)
        assert up.said[-1] == "coachwatts: The database could not be migrated; the lines above say why."
    finally:
        database.stop()


def test_everything_it_keeps_is_private(up: Up, data: Path) -> None:
    assert data.stat().st_mode & 0o777 == 0o700
    private = [data / "master.keys", data / "postgres" / "passwords.json", data / "postgres" / "log", data / "redis" / "log"]
    assert [file.stat().st_mode & 0o777 for file in private] == [0o600] * 4
    secrets = (data / "master.keys").read_text().split(":")[1].strip()
    assert not any(secrets in line for line in up.said)
    assert all(secrets not in " ".join(process.cmdline()) for process in up.family())
