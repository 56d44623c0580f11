"""A worker is killed when the files of somebody are gone and the rows are not: the next one finishes, exactly once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.embedded.foreground import as_environment
from coachwatts.identity import deletion
from coachwatts.runtime import open_runtime
from tests.kit.api import Person
from tests.kit.drill import QUICK, ROOT
from tests.kit.ids import key_of
from tests.kit.jobs import add, eventually

BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'erasure'::regclass AND NOT granted)"
GONE = "SELECT NOT EXISTS (SELECT FROM user_account WHERE id = $1)"


async def start_worker(settings: Settings, log: Path) -> asyncio.subprocess.Process:
    environment = {**os.environ, **as_environment(settings), **QUICK}
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment, cwd=ROOT, stderr=output)


@pytest.mark.timeout(120)
async def test_an_erasure_killed_between_files_and_rows_is_finished_by_the_next_worker(
    settings: Settings, db: Database, ada: Person, tmp_path: Path
) -> None:
    user_id, note = key_of(ada.id), f"{deletion.folder_of(key_of(ada.id))}/note"
    assert settings.direct_url
    owner = await asyncpg.connect(settings.direct_url.get_secret_value())
    watcher = await asyncpg.connect(settings.direct_url.get_secret_value())
    proofs = await watcher.fetchval("SELECT count(*) FROM erasure")
    assert await ada.codes("DeleteAccount") == []
    await watcher.execute("UPDATE user_account SET deleted_at = deleted_at - interval '15 days' WHERE id = $1", user_id)
    async with open_runtime(settings) as runtime:
        await runtime.storage.put(note, b"mine")
        holding = owner.transaction()
        await holding.start()
        await owner.execute("LOCK TABLE erasure IN EXCLUSIVE MODE")
        await add(db, "erase_account", {"user_id": str(user_id)}, dedupe_key=str(user_id))
        first = await start_worker(settings, tmp_path / "log")
        await eventually(lambda: watcher.fetchval(BLOCKED), within=60)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await holding.rollback()
        assert not await runtime.storage.exists(note)
        assert await watcher.fetchval("SELECT count(*) FROM user_account WHERE id = $1", user_id) == 1
        second = await start_worker(settings, tmp_path / "log")
        await eventually(lambda: watcher.fetchval(GONE, user_id), within=60)
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
    assert await watcher.fetchval("SELECT count(*) FROM erasure") == proofs + 1
    assert await watcher.fetchval("SELECT count(*) FROM job WHERE job::text LIKE $1", f"%{user_id}%") == 0
    await owner.close()
    await watcher.close()
