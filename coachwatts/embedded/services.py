"""What is not configured is embedded: PostgreSQL, Redis, object store, keys, all in one data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr

from coachwatts.config import Settings
from coachwatts.embedded.errors import FolderInUse, ServiceFailed
from coachwatts.embedded.lock import FolderLock
from coachwatts.embedded.postgres import EmbeddedPostgres
from coachwatts.embedded.redis import EmbeddedRedis
from coachwatts.security.keys import add_key


class Embedded:
    """Gives the same settings with every address filled in."""

    def __init__(self, settings: Settings, *, durable: bool = True) -> None:
        self.folder = settings.data_dir.expanduser().absolute()
        self._settings = settings
        self._lock = FolderLock(self.folder)
        self._postgres = None if settings.database_url else EmbeddedPostgres(self.folder / "postgres", durable=durable)
        self._redis = None if settings.redis_url else EmbeddedRedis(self.folder / "redis", durable=durable)

    @property
    def running(self) -> dict[str, EmbeddedPostgres | EmbeddedRedis]:
        return {name: service for name, service in (("PostgreSQL", self._postgres), ("Redis", self._redis)) if service}

    def start(self) -> Settings:
        """Raises FolderInUse when another process has the data folder."""
        prepare_data_folder(self.folder)
        self._lock.take()
        try:
            for service in self.running.values():
                service.start()
            return self._resolved()
        except BaseException:
            self.stop()
            raise

    def find(self) -> Settings:
        """The addresses of services that another process has started."""
        try:
            for service in self.running.values():
                service.find()
        except FileNotFoundError:
            raise ServiceFailed(f"The services in {self.folder} are being made. Try again in a moment.") from None
        return self._resolved()

    def stop(self) -> None:
        for service in reversed(self.running.values()):
            service.stop()
        self._lock.release()

    def __enter__(self) -> Settings:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _resolved(self) -> Settings:
        found: dict[str, object] = {"data_dir": self.folder}
        if self._postgres:
            found["database_url"] = SecretStr(self._postgres.app_url)
            found["direct_url"] = SecretStr(self._postgres.owner_url)
        if self._redis:
            found["redis_url"] = SecretStr(self._redis.url)
        if not self._settings.storage_url:
            objects = self.folder / "objects"
            objects.mkdir(mode=0o700, exist_ok=True)
            found["storage_url"] = objects.as_uri()
        if not (self._settings.master_keys or self._settings.master_key_command):
            keys = self.folder / "master.keys"
            if not keys.exists():
                add_key(keys)
            found["master_keys"] = SecretStr(f"@{keys}")
        return self._settings.model_copy(update=found)


@contextmanager
def reached(settings: Settings) -> Iterator[Settings]:
    """For short commands: what is configured, the services of a running `coachwatts up`, or our own while the command lasts."""
    if is_complete(settings):
        yield settings
        return
    embedded = Embedded(settings)
    try:
        resolved = embedded.start()
    except FolderInUse:
        yield embedded.find()
        return
    try:
        yield resolved
    finally:
        embedded.stop()


def is_complete(settings: Settings) -> bool:
    keys = settings.master_keys or settings.master_key_command
    return bool(settings.database_url and settings.redis_url and settings.storage_url and keys)


def prepare_data_folder(folder: Path) -> None:
    """Ours alone. A folder with somebody else's files in it is not taken over, nor closed to its users."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / "lock").exists():
        raise ServiceFailed(
            f"{folder} has files in it and is no data folder of Coach Watts. Set COACHWATTS_DATA_DIR to a new or empty folder."
        )
    folder.chmod(0o700)
