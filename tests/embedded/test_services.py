import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from coachwatts import config
from coachwatts.config import Settings
from coachwatts.embedded.errors import FolderInUse, ServiceFailed
from coachwatts.embedded.services import Embedded, reached
from coachwatts.security.keys import load_keys

GIVEN = {
    "database_url": "postgresql://u:p@db/x",
    "redis_url": "redis://cache/0",
    "storage_url": "s3://bucket",
    "master_keys": "k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


def settings(folder: Path, **given: str) -> Settings:
    return config.load(_env_file=None, data_dir=folder / "data", **given)


def test_nothing_configured_gives_everything_in_a_private_folder(tmp_path: Path) -> None:
    with Embedded(settings(tmp_path), durable=False) as found:
        assert found.database_url
        assert found.direct_url
        assert found.redis_url
        assert found.storage_url == (tmp_path / "data" / "objects").as_uri()
        load_keys(found)
        asyncio.run(connect(found))
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "master.keys").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "objects").stat().st_mode) == 0o700


async def connect(found: Settings) -> None:
    assert found.database_url
    connection = await asyncpg.connect(found.database_url.get_secret_value())
    await connection.close()


def test_keys_are_made_once(tmp_path: Path) -> None:
    given = {name: value for name, value in GIVEN.items() if name != "master_keys"}
    with Embedded(settings(tmp_path, **given)) as found:
        file = tmp_path / "data" / "master.keys"
        assert found.master_keys
        assert found.master_keys.get_secret_value() == f"@{file}"
        first = file.read_text()
    with Embedded(settings(tmp_path, **given)):
        assert file.read_text() == first


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_configured_is_not_embedded(tmp_path: Path, name: str) -> None:
    embedded = Embedded(settings(tmp_path, **GIVEN))
    with embedded as found:
        assert embedded.running == {}
        assert getattr(found, name) == getattr(settings(tmp_path, **GIVEN), name)
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["lock"]


def test_a_second_one_on_the_same_folder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    chosen = settings(tmp_path, **GIVEN)
    with Embedded(chosen), pytest.raises(FolderInUse, match=f"process {os.getpid()}.*COACHWATTS_DATA_DIR"):
        Embedded(chosen).start()
    with Embedded(chosen):
        pass


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from coachwatts.embedded.lock import FolderLock; "
        "FolderLock(Path(sys.argv[1])).take(); print('taken', flush=True); time.sleep(60)"
    )
    (tmp_path / "data").mkdir()
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "data")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(FolderInUse, match=f"process {holder.pid}"):
            Embedded(settings(tmp_path, **GIVEN)).start()
        holder.send_signal(signal.SIGKILL)
    with Embedded(settings(tmp_path, **GIVEN)):
        pass


def test_a_folder_with_other_files_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data" / "thesis.txt").touch()
    with pytest.raises(ServiceFailed, match="no data folder of Coach Watts"):
        Embedded(settings(tmp_path, **GIVEN)).start()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o755


def test_a_short_command_uses_the_services_that_run(tmp_path: Path) -> None:
    chosen = settings(tmp_path, **{name: value for name, value in GIVEN.items() if name != "database_url"})
    embedded = Embedded(chosen, durable=False)
    with embedded as found, reached(chosen) as visited:
        assert visited.database_url == found.database_url
        asyncio.run(connect(visited))
    assert not any(service.alive for service in embedded.running.values())


def test_a_short_command_starts_services_for_itself_otherwise(tmp_path: Path) -> None:
    chosen = settings(tmp_path, **{name: value for name, value in GIVEN.items() if name != "database_url"})
    with reached(chosen) as found:
        asyncio.run(connect(found))
    assert not (tmp_path / "data" / "postgres" / "data" / "postmaster.pid").exists()


def test_a_short_command_with_everything_configured_touches_no_folder(tmp_path: Path) -> None:
    with reached(settings(tmp_path, **GIVEN)) as found:
        assert found == settings(tmp_path, **GIVEN)
    assert not (tmp_path / "data").exists()


def test_services_that_are_being_made_are_not_found_yet(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="Try again in a moment"):
        Embedded(settings(tmp_path)).find()
