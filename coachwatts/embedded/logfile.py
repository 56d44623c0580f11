"""A service's log: kept small, and its last words told to the person at the terminal."""

import re
from pathlib import Path

LARGE = 10_000_000
TAIL = 20_000
TROUBLE = re.compile(r"FATAL|PANIC|ERROR|[Ee]rror|could not|denied|invalid|No space")
STAMP = re.compile(r"^[-\d]+ [:.\d]+ UTC \[\d+\] |^\d+:\w \d\d \w+ \d{4} [:.\d]+ [#*] ")  # of PostgreSQL, of Redis
MEANINGS = {
    r"No space left on device|wrote only \d+ of \d+ bytes": "the disk is full; free some space and start again",
    r"could not create shared memory|shmget": "the system gives no shared memory; raise its limit (containers: --shm-size)",
}


class LogFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin = 0

    def turn(self) -> None:
        """Call before a start: what follows is this run's."""
        if self.path.exists() and self.path.stat().st_size > LARGE:
            self.path.replace(self.path.with_suffix(".old"))
        self._begin = self.path.stat().st_size if self.path.exists() else 0

    def reason(self) -> str:
        with self.path.open("rb") as file:
            file.seek(max(self._begin, self.path.stat().st_size - TAIL))
            return explain(file.read().decode(errors="replace"))


def explain(words: str) -> str:
    """The last two troubled lines: the cause often stands right before the end."""
    lines = [STAMP.sub("", line).strip() for line in words.strip().splitlines()] or ["it ended without a word"]
    last = "; ".join([line for line in lines if TROUBLE.search(line)][-2:] or lines[-1:])
    meaning = next((text for pattern, text in MEANINGS.items() if re.search(pattern, words)), None)
    return f"{meaning} ({last})" if meaning else last
