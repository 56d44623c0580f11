"""A real PgBouncer in transaction mode in front of the test PostgreSQL."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

SERVERS = 2  # fewer than the clients of the test, so that each transaction meets another one's connection


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def pgbouncer(url: str) -> AsyncIterator[str]:
    """Gives the same URL, through the pooler."""
    binary = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None:
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    target, port = make_url(url), free_port()
    sockets = Path(str(target.query["host"]))
    user = _owner(sockets)
    with tempfile.TemporaryDirectory(prefix="cw-") as name:  # not tmp_path: the pooler runs as another user
        configuration = _configure(Path(name), sockets, port, target.username or "", target.password or "")
        process = _start([binary, "-q", str(configuration)], user)
        try:
            await _answers(port)
            yield target.set(query={}, host="127.0.0.1", port=port).render_as_string(hide_password=False)
        finally:
            process.terminate()
            process.wait(10)


def _owner(path: Path) -> int:
    return path.stat().st_uid


def _start(command: list[str], user: int) -> subprocess.Popen[bytes]:
    """As the user that PostgreSQL runs as, whose private socket it must reach."""
    return subprocess.Popen(command, user=user, cwd="/")


def _configure(folder: Path, sockets: Path, port: int, user: str, password: str) -> Path:
    folder.chmod(0o755)
    users, configuration = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{user}" "{password}"\n')
    configuration.write_text(
        f"""[databases]
* = host={sockets}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {SERVERS}
"""
    )
    return configuration


async def _answers(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return
