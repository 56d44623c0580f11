"""`coachwatts up`: services, migrations, API and worker as one foreground process tree."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep
from types import FrameType

from pydantic import SecretStr

from coachwatts.config import Settings
from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.listener import address, listen
from coachwatts.embedded.process import Process, stop_leftover, tied
from coachwatts.embedded.services import Embedded
from coachwatts.embedded.supervisor import Supervisor

STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESOLVED = ("database_url", "direct_url", "redis_url", "storage_url", "master_keys", "data_dir", "bind", "demo")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}  # noqa: S104 - looked up, not bound
PATIENCE_S = 10
GRACE_S = 15  # the API and the worker finish what they are at


class Foreground:
    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say

    def run(self) -> None:
        """Until a signal; raises when something could not be started."""
        for number in STOPPED_BY:
            signal.signal(number, _stop_once)
        try:
            with ExitStack() as stack:
                self._run(stack)
        except KeyboardInterrupt:
            self._say("Stopped.")

    def _run(self, stack: ExitStack) -> None:
        listener = stack.enter_context(listen(self._settings.bind))
        settings = self._settings.model_copy(update={"bind": address(listener)})
        embedded = Embedded(settings)
        settings = stack.enter_context(embedded)
        environment = {**os.environ, **as_environment(settings)}
        for record in embedded.folder.glob("*.pid"):
            stop_leftover(record, signal.SIGTERM, within=GRACE_S)
        gate = Gate()
        programs = self._programs(embedded, listener, gate, environment)
        stack.callback(stop_together, programs)
        programs["API"].start()
        self._migrate(environment)
        gate.open()
        self._await_ready(programs["API"], settings.bind)
        programs["worker"].start()
        self._greet(settings, embedded)
        self._offer_administration(environment)
        Supervisor({**embedded.running, **programs}).run()

    def _migrate(self, environment: Mapping[str, str]) -> None:
        """In a process of its own: this one stays small for the months that it lives."""
        command = tied(coachwatts("migrate"), None, signal.SIGTERM)
        if subprocess.run(command, env=environment, check=False, start_new_session=True).returncode != 0:
            raise ServiceFailed("The database could not be migrated; the lines above say why.")

    def _programs(self, embedded: Embedded, listener: socket.socket, gate: "Gate", environment: Mapping[str, str]) -> dict[str, Process]:
        files = listener.fileno(), gate.reader
        api = Process(
            coachwatts("serve", "--fd", str(files[0]), "--gate", str(files[1])),
            record=embedded.folder / "api.pid",
            environment=environment,
            keep_open=files,
        )
        worker = Process(coachwatts("worker"), record=embedded.folder / "worker.pid", environment=environment)
        return {"API": api, "worker": worker}

    def _await_ready(self, api: Process, place: str) -> None:
        began = monotonic()
        while (obstacle := why_not_ready(place)) is not None:
            if not api.alive:
                raise ServiceFailed("The API ended before it was ready; the lines above say why.")
            if monotonic() - began > PATIENCE_S:
                self._say(f"Not ready yet: {obstacle}")
                began = monotonic()
            sleep(0.02)

    def _greet(self, settings: Settings, embedded: Embedded) -> None:
        self._say(f"Coach Watts runs at {settings.base_url}")
        inside = " and ".join(embedded.running) or "keys"
        self._say(f"  data folder  {embedded.folder} (with {inside} inside)")
        self._say("  Ctrl-C stops it.")

    def _offer_administration(self, environment: Mapping[str, str]) -> None:
        """In a process of its own, for the same reason as above. Says nothing once there is an administrator."""
        command = tied(coachwatts("user", "admin-link"), None, signal.SIGTERM)
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, start_new_session=True)
        if asked.returncode != 0:
            self._say(asked.stderr.strip())
        elif link := asked.stdout.strip():
            self._say(f"  There is no administrator yet. Sign up, then open this once: {link}")


class Gate:
    """The API loads while the database is still being migrated, and serves once this is open."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()

    def open(self) -> None:
        os.close(self._writer)


def coachwatts(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "coachwatts", *arguments]


def as_environment(settings: Settings) -> dict[str, str]:
    """What was found out here, for processes that read their settings themselves."""
    values = {name: getattr(settings, name) for name in RESOLVED}
    plain = {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()}
    return {f"COACHWATTS_{name.upper()}": str(value) for name, value in plain.items() if value is not None}


def why_not_ready(place: str) -> str | None:
    host, _, port = place.rpartition(":")
    connection = HTTPConnection(ANY_ADDRESS.get(host, host.strip("[]")), int(port), timeout=2)
    try:
        connection.request("GET", "/readyz")
        checks = json.load(connection.getresponse())["checks"]
    except (OSError, HTTPException, ValueError, KeyError) as trouble:
        return str(trouble)
    else:
        return "; ".join(f"{name}: {check['whyNot']}" for name, check in checks.items() if not check["ok"]) or None
    finally:
        connection.close()


def stop_together(programs: Mapping[str, Process]) -> None:
    for program in programs.values():
        program.ask_to_stop()
    for program in programs.values():
        program.stop(within=GRACE_S)


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    for number in STOPPED_BY:
        signal.signal(number, signal.SIG_IGN)  # stopping in order is bounded; a second signal would leave it half done
    raise KeyboardInterrupt
