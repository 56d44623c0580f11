import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from coachwatts.embedded.errors import FolderInUse, ServiceFailed
from coachwatts.embedded.redis import EmbeddedRedis, binary

START_AND_HANG = """
import sys, time
from pathlib import Path
from coachwatts.embedded.redis import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.start()
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


def process(server: EmbeddedRedis) -> psutil.Process:
    return psutil.Process(int((server.log.parent / "pid").read_text()))


def test_it_answers_on_a_private_socket_only(server: EmbeddedRedis) -> None:
    with Redis.from_url(server.url) as client:
        assert client.ping()
    assert process(server).net_connections("inet") == []
    folder = server.log.parent
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in (".", "run", "log")] == [0o700, 0o700, 0o600]


def test_what_it_holds_is_there_after_stop_and_start(server: EmbeddedRedis) -> None:
    with Redis.from_url(server.url) as client:
        client.set("kept", "42")
        server.stop()
        assert not server.alive
        server.start()
        assert client.get("kept") == b"42"


def test_it_starts_again_after_it_was_killed(server: EmbeddedRedis) -> None:
    first = process(server)
    first.kill()
    first.wait(5)
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.ping()


def test_a_second_one_on_the_same_folder_is_refused(server: EmbeddedRedis) -> None:
    with pytest.raises(FolderInUse, match=rf"in use by process {os.getpid()}"):
        EmbeddedRedis(server.log.parent).start()


def test_a_killed_starter_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_HANG, str(tmp_path)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == "started\n"
        left = psutil.Process(int((tmp_path / "pid").read_text()))
        starter.kill()
    server = EmbeddedRedis(tmp_path)
    server.start()
    assert process(server).pid != left.pid
    assert not left.is_running()
    server.stop()


def test_a_failed_start_tells_the_reason(tmp_path: Path) -> None:
    (tmp_path / "appendonly.aof").mkdir()
    with pytest.raises(ServiceFailed, match=r"Redis did not start: .*append"):
        EmbeddedRedis(tmp_path).start()


def test_the_binary_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert binary().name in {"redis-server", "valkey-server"}
    own = tmp_path / "valkey-server"
    own.touch(mode=0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary() == own
    own.unlink()
    with pytest.raises(ServiceFailed, match="Install redis-server or valkey-server, or set REDIS_URL"):
        binary()
