import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import httpx

from coachwatts.config import Settings
from coachwatts.embedded.foreground import as_environment
from coachwatts.embedded.listener import address, listen


@contextmanager
def serving(settings: Settings, environment: dict[str, str]) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    with listen("127.0.0.1:0") as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "coachwatts", "serve", "--fd", str(listener.fileno())],
            env={**environment, **as_environment(settings), "COACHWATTS_LOG_LEVEL": "error"},
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield f"http://{address(listener)}", process
        finally:
            process.kill()
            process.communicate()


def test_it_serves_on_a_socket_that_was_open_before_it_started(settings: Settings, environment: dict[str, str]) -> None:
    with serving(settings, environment) as (place, process):
        answer = httpx.get(f"{place}/readyz", timeout=90)  # waits in the socket's queue until the process is up
        assert answer.status_code == 200
        assert "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)
        assert said == ""


def test_a_signal_lets_it_finish_in_order(settings: Settings, environment: dict[str, str]) -> None:
    with serving(settings, environment) as (place, process):
        httpx.get(f"{place}/healthz", timeout=90)
        began = monotonic()
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            sleep(0.02)
        assert process.returncode == 0
        assert monotonic() - began < 5
