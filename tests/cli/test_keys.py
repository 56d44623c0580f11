import asyncio
import json
import os
from base64 import b64encode
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from coachwatts.cli.keys import app
from coachwatts.ids import new_id
from coachwatts.security.cipher import KeyRing, Place
from coachwatts.security.keys import parse_keys
from tests.conftest import TEMPLATE, Services, create_database

OLD, NEW = (f"{name}:{b64encode(os.urandom(32)).decode()}" for name in ("old", "new"))


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def url(services: Services, worker_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of its own: the shared one has rows whose secrets are noise."""
    name = f"cw_keys_{worker_id}"
    asyncio.run(create_database(services, name, TEMPLATE))
    address = services.database(services.owner_url, name)
    given = {"DATABASE_URL": address, "REDIS_URL": services.redis_url, "STORAGE_URL": tmp_path.as_uri(), "MASTER_KEYS": f"{NEW},{OLD}"}
    for variable, value in given.items():
        monkeypatch.setenv(f"COACHWATTS_{variable}", value)
    monkeypatch.chdir(tmp_path)
    return address


async def keep_secret(url: str, ring: KeyRing, *, elsewhere: bool = False) -> None:
    user_id, row_id = new_id(), new_id()
    secret = ring.seal("JBSWY3DPEHPK3PXP", Place("totp", user_id, new_id() if elsewhere else row_id, "secret"))
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO user_account (id, email, name) VALUES ($1, $2, '')", user_id, f"{user_id.hex}@example.org")
    await connection.execute("INSERT INTO totp (id, user_id, secret) VALUES ($1, $2, $3)", row_id, user_id, secret.data)
    await connection.close()


def test_a_generated_key_can_be_used_as_it_is_printed() -> None:
    first, second = keys("generate").stdout, keys("generate").stdout
    assert first != second
    assert len(parse_keys(f"{first},{second}").ids) == 2


def test_a_key_file_grows_at_the_front_and_the_key_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    said = [keys("generate", "--file", str(file)).stdout for _ in range(2)]
    ids = parse_keys(file.read_text()).ids
    assert all(key_id in line for key_id, line in zip(reversed(ids), said, strict=True))
    assert not any(part in "".join(said) for part in file.read_text().replace(":", "\n").split() if part not in ids)


def test_rotation_moves_everything_to_the_first_key(url: str) -> None:
    asyncio.run(keep_secret(url, parse_keys(OLD)))
    assert [row["secrets"] for row in json.loads(keys("list", "--json").stdout)] == [0, 1]
    done = keys("rotate")
    assert (done.exit_code, "totp: 1 rows sealed anew\n" in done.stdout) == (0, True)
    assert json.loads(keys("list", "--json").stdout) == [
        {"id": "new", "secrets": 1, "state": "seals"},
        {"id": "old", "secrets": 0, "state": "opens"},
    ]


def test_what_cannot_be_opened_fails_the_rotation_and_names_the_place(url: str) -> None:
    asyncio.run(keep_secret(url, parse_keys(OLD), elsewhere=True))
    done = keys("rotate")
    assert done.exit_code == 1
    assert "cannot be opened: totp|" in done.stdout
    reports = json.loads(keys("rotate", "--json").stdout)
    assert [len(report["unreadable"]) for report in reports if report["table"] == "totp"] == [1]


def test_a_key_that_is_still_needed_and_gone_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(keep_secret(url, parse_keys(OLD)))
    monkeypatch.setenv("COACHWATTS_MASTER_KEYS", NEW)
    done = keys("list")
    assert done.exit_code == 1
    assert "old" in done.stdout
    assert "MISSING: put it back" in done.stdout


def test_no_command_prints_a_key_that_it_was_given(url: str) -> None:
    asyncio.run(keep_secret(url, parse_keys(OLD)))
    shown = "".join(keys(*command).output for command in (["list"], ["list", "--json"], ["rotate"], ["rotate", "--json"]))
    assert not any(key.split(":")[1] in shown for key in (OLD, NEW))
