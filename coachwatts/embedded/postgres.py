"""PostgreSQL as a child process, reachable over a private socket only."""

import signal
from pathlib import Path
from time import sleep
from urllib.parse import quote

import psutil

from coachwatts.embedded.account import prepare_folder
from coachwatts.embedded.cluster import ADMIN, APP, DATABASE, OWNER, Cluster, Passwords, binaries, read_passwords
from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.lock import FolderLock
from coachwatts.embedded.logfile import LogFile
from coachwatts.embedded.process import Process, end, stop_leftover
from coachwatts.embedded.sockets import socket_folder

FAST_SHUTDOWN = signal.SIGINT
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class EmbeddedPostgres:
    def __init__(self, folder: Path, *, durable: bool = True, connections: int = 100) -> None:
        """Not durable: fast and lost with the machine, and the owner may create databases. For tests and benchmarks."""
        self._folder = folder.absolute()
        self._durable = durable
        self._connections = connections
        self._lock = FolderLock(self._folder)
        self._log = LogFile(self._folder / "log")
        self._process: Process | None = None
        self._passwords: Passwords | None = None
        self._sockets = Path()

    def start(self) -> None:
        """Returns when connections are accepted, however long recovery takes. Starting twice is starting once."""
        if self.alive:
            return
        self.stop()
        account = prepare_folder(self._folder)
        self._lock.take()
        try:
            cluster = Cluster(self._folder, account, durable=self._durable)
            cluster.prepare()
            self.find()
            self._end_leftovers(cluster.data)
            self._log.turn()
            self._process = Process(
                [str(binaries() / "postgres"), "-D", str(cluster.data), *self._options()],
                record=self._folder / "pid",
                stop_signal=FAST_SHUTDOWN,
                account=account,
                log=self._log.path,
            )
            self._process.start()
            self._wait(self._process, cluster.data)
        except BaseException:
            self.stop()
            raise

    def find(self) -> None:
        """Learn the addresses without starting: those of a server that another process has started."""
        self._passwords = read_passwords(self._folder)
        self._sockets = socket_folder(self._folder)

    def stop(self) -> None:
        if self._process:
            self._process.stop(within=15)
            self._process = None
        self._lock.release()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def log(self) -> Path:
        return self._log.path

    @property
    def owner_url(self) -> str:
        return self._url(OWNER, self._known.owner)

    @property
    def app_url(self) -> str:
        return self._url(APP, self._known.app)

    @property
    def admin_url(self) -> str:
        return self._url(ADMIN, self._known.admin)

    @property
    def _known(self) -> Passwords:
        if self._passwords is None:
            raise ServiceFailed("PostgreSQL has no address before it was started or found.")
        return self._passwords

    def _url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@/{DATABASE}?host={quote(str(self._sockets), safe='/')}"

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": str(self._connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_error_verbosity": "terse",  # the DETAIL of an error quotes what rows hold
            "jit": "off",  # compiling costs more than our short queries take
            **({} if self._durable else FLEETING),
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _end_leftovers(self, data: Path) -> None:
        """We hold the lock, so a server on this data is of a run that was killed. PostgreSQL would refuse to start beside it,
        and also beside any process that happens to have the number in its old postmaster.pid."""
        stop_leftover(self._folder / "pid", FAST_SHUTDOWN, within=15)
        if (data / "postmaster.pid").exists():
            end(_working_in(data), signal.SIGQUIT, within=5)
            (data / "postmaster.pid").unlink(missing_ok=True)

    def _wait(self, process: Process, data: Path) -> None:
        while not _is_ready(data, process.pid):
            if not process.alive:
                raise ServiceFailed(f"PostgreSQL did not start: {self._log.reason()}. Its log: {self._log.path}")
            sleep(0.01)


def _is_ready(data: Path, pid: int | None) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].startswith("ready")


def _working_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and Path(process.cwd()) == folder.resolve():
                found.append(process)
        except psutil.Error:
            continue
    return found
