import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from coachwatts.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making a cluster takes the better part of a second; tests copy this one."""
    folder = tmp_path_factory.mktemp("made") / "postgres"
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    server.stop()
    return folder


@pytest.fixture
def folder(made_cluster: Path, tmp_path: Path) -> Path:
    target = tmp_path / "postgres"
    shutil.copytree(made_cluster, target)
    owner = made_cluster.stat()
    for path in (target, *target.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    return target


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    yield server
    server.stop()
