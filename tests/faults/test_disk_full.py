import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a disk of 20 MB")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_disk_too_small_for_a_database_is_told_in_plain_words_and_the_next_start_begins_anew(small_disk: Path) -> None:
    server = EmbeddedPostgres(small_disk / "postgres")
    with pytest.raises(ServiceFailed, match="the disk is full; free some space and start again"):
        server.start()
    assert not (small_disk / "postgres" / "data").exists()
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    server.start()
    server.stop()
