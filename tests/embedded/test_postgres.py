import asyncio
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from coachwatts.embedded.cluster import binaries
from coachwatts.embedded.errors import FolderInUse, ServiceFailed, WrongVersion
from coachwatts.embedded.postgres import EmbeddedPostgres

START_AND_HANG = """
import sys, time
from pathlib import Path
from coachwatts.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.owner_url, flush=True)
time.sleep(60)
"""


async def ask(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


async def test_a_new_folder_becomes_a_server_with_three_roles(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    try:
        roles = "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname LIKE 'coachwatts%' ORDER BY 1"
        assert [tuple(row) for row in await ask(server.app_url, roles)] == [
            ("coachwatts_api", False, False, False, True),
            ("coachwatts_app", False, False, False, False),
            ("coachwatts_owner", False, False, False, True),
        ]
        [row] = await ask(
            server.owner_url, "SELECT current_user, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        )
        assert tuple(row) == ("coachwatts_owner", "coachwatts_owner")
        [(durable,)] = await ask(
            server.app_url, "SELECT bool_and(setting = 'on') FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')"
        )
        assert durable
    finally:
        server.stop()


async def test_the_owner_may_step_down_to_the_application_role(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.owner_url)
    await connection.execute("SET ROLE coachwatts_app")
    assert await connection.fetchval("SELECT current_user") == "coachwatts_app"
    await connection.close()


async def test_a_fleeting_server_lets_its_owner_clone_databases(server: EmbeddedPostgres) -> None:
    await ask(server.owner_url, "CREATE DATABASE copy TEMPLATE coachwatts")
    assert await ask(server.owner_url.replace("/coachwatts?", "/copy?"), "SELECT 1")


async def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres) -> None:
    user, rest = server.app_url.rsplit("@", 1)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(f"{user.rsplit(':', 1)[0]}:guess@{rest}", "SELECT 1")


async def test_it_listens_on_a_private_socket_only(server: EmbeddedPostgres, folder: Path) -> None:
    [(addresses,)] = await ask(server.app_url, "SELECT setting FROM pg_settings WHERE name = 'listen_addresses'")
    assert addresses == ""
    assert postmaster(folder).net_connections("inet") == []
    assert [mode(folder / name) for name in (".", "data", "run", "passwords.json", "log")] == [0o700, 0o700, 0o700, 0o600, 0o600]


async def test_its_log_says_what_went_wrong_and_quotes_no_row(server: EmbeddedPostgres, folder: Path) -> None:
    await ask(server.owner_url, "CREATE TABLE once (name text UNIQUE)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(server.owner_url, "INSERT INTO once SELECT chr(65) || 'da@example.org' FROM generate_series(1, 2)")
    log = (folder / "log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "Ada@example.org" not in log


def test_it_does_not_run_as_root(server: EmbeddedPostgres, folder: Path) -> None:
    assert server.alive
    assert postmaster(folder).uids().effective != 0


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="root on Linux alone drops rights")
def test_of_roots_rights_it_keeps_at_most_the_one_that_passes_closed_folders(server: EmbeddedPostgres, folder: Path) -> None:
    assert server.alive
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{postmaster(folder).pid}/status").read_text().splitlines())
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")} <= {1 << 2, 1 << 1, 0}
    assert status["Groups"].strip() == ""


def test_it_starts_below_a_folder_that_only_we_may_enter(folder: Path, tmp_path: Path) -> None:
    """As root, data and binaries often lie below /root."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(folder.rename(closed / "postgres"), durable=False)
    server.start()
    server.stop()


async def test_rows_are_there_after_stop_and_start(server: EmbeddedPostgres) -> None:
    await ask(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not server.alive
    server.start()
    assert [row["answer"] for row in await ask(server.owner_url, "SELECT answer FROM kept")] == [42]


def test_starting_and_stopping_twice_is_once(server: EmbeddedPostgres, folder: Path) -> None:
    first = postmaster(folder).pid
    server.start()
    assert postmaster(folder).pid == first
    server.stop()
    server.stop()
    assert not psutil.pid_exists(first)


async def test_another_process_finds_the_addresses(server: EmbeddedPostgres, folder: Path) -> None:
    visitor = EmbeddedPostgres(folder)
    visitor.find()
    assert visitor.app_url == server.app_url
    assert await ask(visitor.app_url, "SELECT 1")


def test_no_address_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="no address"):
        _ = EmbeddedPostgres(tmp_path).app_url


def test_a_second_server_on_the_same_folder_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    with pytest.raises(FolderInUse, match=rf"in use by process {os.getpid()}"):
        EmbeddedPostgres(folder).start()
    assert server.alive


def test_data_of_another_major_version_is_refused(folder: Path) -> None:
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(WrongVersion, match="written by PostgreSQL 15, this release brings 18"):
        EmbeddedPostgres(folder).start()


def test_a_failed_start_tells_the_reason_and_releases_the_folder(folder: Path) -> None:
    configuration = folder / "data" / "postgresql.conf"
    intact = configuration.read_text()
    configuration.write_text(intact + "\nshared_buffers = plenty\n")
    with pytest.raises(ServiceFailed, match="shared_buffers"):
        EmbeddedPostgres(folder).start()
    configuration.write_text(intact)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    server.stop()


def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    draft = tmp_path / "postgres" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    server.start()
    server.stop()
    assert not draft.exists()


def test_committed_rows_survive_a_killed_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    asyncio.run(ask(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer"))
    postmaster(folder).kill()
    while server.alive:
        time.sleep(0.01)
    server.start()
    assert asyncio.run(ask(server.owner_url, "SELECT 1 FROM kept"))
    server.stop()


def test_a_busy_backend_of_a_killed_server_does_not_block_the_start(folder: Path, tmp_path: Path) -> None:
    """It notices that its server is gone only when it is idle again, and holds the shared memory until then."""
    (tmp_path / "link").symlink_to(folder)
    server = EmbeddedPostgres(tmp_path / "link", durable=False)
    server.start()
    busy = [str(binaries() / "psql"), server.app_url, "-c", "SELECT count(*) FROM generate_series(1, 1000000000)"]
    with subprocess.Popen(busy, stderr=subprocess.DEVNULL) as client:
        while not (backends := [child for child in postmaster(folder).children() if sum(child.cpu_times()[:2]) > 0.2]):
            time.sleep(0.02)
        postmaster(folder).kill()
        while server.alive:
            time.sleep(0.01)
        assert backends[0].is_running()
        server.start()
        assert not backends[0].is_running()
        server.stop()
        assert client.wait(5) != 0


@pytest.mark.parametrize("also_killed", [False, True], ids=["starter killed", "starter and server killed"])
def test_the_next_start_works_after_a_kill(folder: Path, also_killed: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_HANG, str(folder)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        asyncio.run(ask(url, "CREATE TABLE kept AS SELECT 42 AS answer"))
        main = postmaster(folder)
        starter.kill()
    if also_killed:
        main.kill()
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    assert postmaster(folder).pid != main.pid
    assert not main.is_running()
    assert asyncio.run(ask(server.owner_url, "SELECT 1 FROM kept"))
    server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_server_ends_when_its_starter_is_killed(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_HANG, str(folder)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        starter.stdout.readline()
        main = postmaster(folder)
        starter.kill()
    main.wait(timeout=10)


def test_a_recycled_process_number_does_not_block_the_start(folder: Path) -> None:
    """After a crash the old file may name a process that is somebody else by now, such as this one."""
    for name in ("data/postmaster.pid", "pid"):
        (folder / name).write_text(f"{os.getpid()}\n{folder / 'data'}\n1\n5432\n\n\n0 0\nready\n")
        os.utime(folder / name, (1, 1))
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    server.stop()


def test_a_deep_folder_gets_a_short_socket(folder: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    folder = folder.rename(deep / "postgres")
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        assert asyncio.run(ask(server.app_url, "SELECT 1"))
    finally:
        server.stop()


def test_stopping_is_bounded_by_a_client_that_does_not_let_go(server: EmbeddedPostgres) -> None:
    psql = binaries() / "psql"
    with subprocess.Popen([psql, server.app_url, "-c", "SELECT pg_sleep(60)"], stderr=subprocess.DEVNULL) as client:
        time.sleep(0.2)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
        assert client.wait(5) != 0
