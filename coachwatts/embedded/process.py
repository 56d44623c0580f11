"""One supervised process: started through `child.py`, stopped within bounds, found again when its starter was killed."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from coachwatts.embedded.account import Account

WRAPPER = Path(__file__).with_name("child.py")
CLOCK_STEP_S = 2.0


class Process:
    def __init__(
        self,
        command: Sequence[str],
        *,
        record: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        account: Account | None = None,
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
        keep_open: Collection[int] = (),
    ) -> None:
        self._command = command
        self._record = record
        self._stop_signal = stop_signal
        self._account = account
        self._log = log
        self._environment = environment
        self._keep_open = keep_open
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll() if self._popen else None

    def start(self) -> None:
        """Call from a thread that lives on: Linux tells a child of the death of the *thread* that started it."""
        output = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if self._log else None
        try:
            self._popen = subprocess.Popen(
                tied(self._command, self._account, self._stop_signal, self._record),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                pass_fds=self._keep_open,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop things in order
            )
        finally:
            if output is not None:
                os.close(output)

    def ask_to_stop(self) -> None:
        if self._popen and self._popen.poll() is None:
            self._popen.send_signal(self._stop_signal)

    def stop(self, within: float) -> None:
        if self._popen is None:
            return
        self.ask_to_stop()
        try:
            self._popen.wait(within)
        except subprocess.TimeoutExpired:
            for descendant in psutil.Process(self._popen.pid).children(recursive=True):
                _signal(descendant, signal.SIGKILL)
            self._popen.kill()
            self._popen.wait(5)
        self._record.unlink(missing_ok=True)


def tied(command: Sequence[str], account: Account | None, death_signal: signal.Signals, record: Path | None = None) -> list[str]:
    """The command as the given account, told by the given signal when we die."""
    options = ["--parent", str(os.getpid()), "--death-signal", str(int(death_signal))]
    options += ["--record", str(record)] if record else []
    options += ["--user", f"{account.uid}:{account.gid}"] if account else []
    return [sys.executable, "-I", "-S", str(WRAPPER), *options, "--", *command]


def stop_leftover(record: Path, stop_signal: signal.Signals, within: float) -> None:
    """End the process of an earlier run that this record names. A recycled number is not taken for it."""
    try:
        process = psutil.Process(int(record.read_text()))
        if process.create_time() <= record.stat().st_mtime + CLOCK_STEP_S:
            end([process], stop_signal, within)
    except (OSError, ValueError, psutil.NoSuchProcess):
        pass
    record.unlink(missing_ok=True)


def end(processes: Iterable[psutil.Process], first_signal: signal.Signals, within: float) -> None:
    """Signal, wait, and kill what is still there, with its children."""
    family = {process: process.children(recursive=True) for process in processes if process.is_running()}
    for process in family:
        _signal(process, first_signal)
    _, stubborn = psutil.wait_procs(family, timeout=within)
    doomed = [member for process in stubborn for member in (process, *family[process])]
    for member in doomed:
        _signal(member, signal.SIGKILL)
    psutil.wait_procs(doomed, timeout=5)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
