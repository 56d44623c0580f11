"""Files, wherever STORAGE_URL says: a local folder, S3, Google Cloud Storage, Azure, or memory for tests."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from coachwatts.config import Settings
from coachwatts.errors import NotFound, Unavailable
from coachwatts.ids import new_id

REMOTE: dict[str, Any] = {  # a store that hangs must not hang us; its own credentials come from its usual environment variables
    "client_options": {"timeout": timedelta(seconds=30), "connect_timeout": timedelta(seconds=5), "allow_http": True},
    "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
}
FAILURES = (BaseError, OSError)


class StorageFails(Unavailable):
    def __init__(self) -> None:
        super().__init__("The file storage does not answer. Try again later.")


@dataclass(frozen=True, slots=True)
class Storage:
    _store: ObjectStore
    folder: Path | None = None
    """Where the files are, when they are local."""

    @classmethod
    def of(cls, settings: Settings, **config: Any) -> Self:
        """`config`: what obstore takes for this kind of store, such as `endpoint` for S3."""
        if settings.storage_url is None:
            raise RuntimeError("no storage configured")
        url = urlsplit(settings.storage_url)
        if url.scheme == "file":
            return cls(from_url(settings.storage_url, mkdir=True), Path(unquote(url.path)))
        return cls(from_url(settings.storage_url, **(REMOTE | config if url.scheme != "memory" else {})))

    async def put(self, key: str, content: bytes) -> None:
        """Replaces what is there. Readers see the old content or the new, never a part."""
        try:
            await obstore.put_async(self._store, key, content)
        except FAILURES as failure:
            raise StorageFails from failure

    async def get(self, key: str) -> bytes:
        """Raises NotFound."""
        try:
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        except FileNotFoundError:
            raise NotFound from None
        except FAILURES as failure:
            raise StorageFails from failure

    async def exists(self, key: str) -> bool:
        try:
            await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        except FAILURES as failure:
            raise StorageFails from failure
        return True

    async def delete(self, key: str) -> None:
        """What is gone already is no error."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except FAILURES as failure:
            raise StorageFails from failure

    async def delete_folder(self, folder: str) -> None:
        """Everything below it. Nothing below it is no error."""
        try:
            async for found in obstore.list(self._store, prefix=folder, chunk_size=1000):
                await obstore.delete_async(self._store, [each["path"] for each in found])
        except FileNotFoundError:
            return
        except FAILURES as failure:
            raise StorageFails from failure

    async def check(self) -> None:
        """Cheap enough for every readiness check: reads only. Raises StorageFails."""
        if self.folder and not self.folder.is_dir():
            raise StorageFails
        await self.exists(".check")

    async def round_trip(self) -> None:
        """Writes, reads and deletes: what `check` cannot know. Raises StorageFails."""
        key, content = f".check-{new_id().hex}", b"written to see whether it can be"
        await self.put(key, content)
        if await self.get(key) != content:
            raise StorageFails
        await self.delete(key)
