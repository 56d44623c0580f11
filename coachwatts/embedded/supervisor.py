"""Keeps programs running: what ends is started again, later each time while it keeps ending soon."""

from collections.abc import Callable, Mapping
from time import monotonic, sleep
from typing import Protocol

import structlog

from coachwatts.embedded.errors import ServiceFailed

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
CALM_S = 60.0  # who ran this long had no trouble starting
LOOK_EVERY_S = 0.1

log = structlog.get_logger()


class Program(Protocol):
    @property
    def alive(self) -> bool: ...
    def start(self) -> None: ...


class Supervisor:
    """Looks after programs in the given order; a later one may need an earlier one."""

    def __init__(self, programs: Mapping[str, Program], clock: Callable[[], float] = monotonic) -> None:
        self._watches = [Watch(name, program, clock) for name, program in programs.items()]

    def run(self) -> None:
        """Until an exception, such as the KeyboardInterrupt of a signal."""
        while True:
            self.look()
            sleep(LOOK_EVERY_S)

    def look(self) -> None:
        for watch in self._watches:
            watch.look()


class Watch:
    def __init__(self, name: str, program: Program, clock: Callable[[], float]) -> None:
        self._name = name
        self._program = program
        self._clock = clock
        self._started = clock()
        self._pause = FIRST_PAUSE_S
        self._due: float | None = None

    def look(self) -> None:
        if self._program.alive:
            return
        now = self._clock()
        if self._due is None:
            self._pause = FIRST_PAUSE_S if now - self._started > CALM_S else self._pause
            self._due = now + self._pause
            log.warning("program_ended", program=self._name, again_in_s=self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
        elif now >= self._due:
            self._start(now)

    def _start(self, now: float) -> None:
        self._started, self._due = now, None
        try:
            self._program.start()
        except ServiceFailed as failure:
            log.error("program_not_started", program=self._name, reason=str(failure))  # noqa: TRY400 - the reason says it all
