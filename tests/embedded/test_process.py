import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from coachwatts.embedded.process import Process, stop_leftover

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
START_AND_HANG = """
import sys, time
from pathlib import Path
from coachwatts.embedded.process import Process
process = Process(["/bin/sleep", "60"], record=Path(sys.argv[1]))
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = Process(["/bin/sleep", "60"], record=tmp_path / "pid")
    process.start()
    wait_for(tmp_path / "pid")
    yield process
    process.stop(within=0)


def wait_for(file: Path) -> None:
    while not (file.exists() and file.read_text().strip()):
        time.sleep(0.01)


def test_it_runs_and_stops(sleeper: Process, tmp_path: Path) -> None:
    sleeper.stop(within=5)
    assert sleeper.exit_code == -signal.SIGTERM
    assert not (tmp_path / "pid").exists()


def test_stopping_what_never_started_is_nothing(tmp_path: Path) -> None:
    Process(["/bin/true"], record=tmp_path / "pid").stop(within=1)


def test_what_ignores_the_request_is_killed_in_time(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", STUBBORN], record=tmp_path / "pid", log=tmp_path / "log")
    process.start()
    wait_for(tmp_path / "log")
    began = time.monotonic()
    process.stop(within=0.3)
    assert process.exit_code == -signal.SIGKILL
    assert time.monotonic() - began < 3


def test_files_are_private(sleeper: Process, tmp_path: Path) -> None:
    assert sleeper.alive
    assert (tmp_path / "pid").stat().st_mode & 0o777 == 0o600


def test_ctrl_c_on_the_terminal_does_not_reach_it(sleeper: Process) -> None:
    assert sleeper.pid
    assert os.getpgid(sleeper.pid) != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_HANG, str(tmp_path / "pid")], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        child = psutil.Process(int(starter.stdout.readline()))
        wait_for(tmp_path / "pid")
        starter.kill()
    child.wait(timeout=5)


def test_a_leftover_is_stopped(sleeper: Process, tmp_path: Path) -> None:
    stop_leftover(tmp_path / "pid", signal.SIGTERM, within=5)
    assert not sleeper.alive
    assert not (tmp_path / "pid").exists()


def test_a_stranger_with_the_same_number_is_left_alone(sleeper: Process, tmp_path: Path) -> None:
    """The record is older than the process that has the number now."""
    os.utime(tmp_path / "pid", (1, 1))
    stop_leftover(tmp_path / "pid", signal.SIGTERM, within=5)
    assert sleeper.alive


@pytest.mark.parametrize("content", ["", "rubbish", "999999999", "-1"])
def test_a_spoiled_record_is_removed(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)
    stop_leftover(tmp_path / "pid", signal.SIGTERM, within=1)
    assert not (tmp_path / "pid").exists()


def test_the_children_of_a_killed_leftover_go_with_it(tmp_path: Path) -> None:
    family = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).wait()"
    process = Process(
        [sys.executable, "-c", f"import signal; signal.signal(15, signal.SIG_IGN); {family}"], record=tmp_path / "pid", log=tmp_path / "log"
    )
    process.start()
    wait_for(tmp_path / "log")
    assert process.pid
    [child] = psutil.Process(process.pid).children()
    stop_leftover(tmp_path / "pid", signal.SIGTERM, within=0.2)
    assert not process.alive
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
