"""One owner per folder. The kernel releases the lock when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path

from coachwatts.embedded.errors import FolderInUse


class FolderLock:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: int | None = None

    def take(self) -> None:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode().strip() or "another process"
            self.release()
            raise FolderInUse(
                f"{self._path.parent} is in use by process {holder}. Stop that one, or give this one its own COACHWATTS_DATA_DIR."
            ) from None
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
