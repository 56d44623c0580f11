"""A real `coachwatts up`, as a person starts it."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import psutil

PATIENCE_S = 90  # a machine may be busy with other things


def plain_environment() -> dict[str, str]:
    """Of a person who has configured nothing; any free port."""
    ours = ("COACHWATTS_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours) and not name.endswith("_URL")}
    return {**kept, "COACHWATTS_BIND": "127.0.0.1:0"}


class Up:
    def __init__(self, environment: Mapping[str, str], folder: Path, *options: str) -> None:
        self.said: list[str] = []
        self._ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "coachwatts", "up", *options],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if "Ctrl-C" in line:
                self._ready.set()
        self._ready.set()

    def await_ready(self) -> str:
        assert self._ready.wait(PATIENCE_S), self.said
        address = re.search(r"runs at (http://\S+)", "\n".join(self.said))
        assert address, self.said
        return address[1]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        code = self.process.wait(PATIENCE_S)
        self._listener.join(PATIENCE_S)
        assert self.process.stdout
        self.process.stdout.close()
        return code


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
