import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from coachwatts import config
from coachwatts.errors import NotFound
from coachwatts.storage.store import Storage, StorageFails


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def at(url: str, **options: str) -> Storage:
    return Storage.of(config.load(_env_file=None, storage_url=url), **options)


@pytest.fixture(params=["file", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "file":
        return at((tmp_path / "objects with space").as_uri())
    if request.param == "memory":
        return at("memory:///")
    endpoint = request.getfixturevalue("s3")
    keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret", "aws_region": "us-east-1"}
    bucket = f"b{abs(hash(request.node.name))}"
    make_bucket(endpoint, bucket)
    return at(f"s3://{bucket}/prefix", aws_endpoint=endpoint, **keys)


def make_bucket(endpoint: str, name: str) -> None:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"PUT /{name} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in connection.recv(1000)


async def test_what_was_put_comes_back_until_it_is_deleted(storage: Storage) -> None:
    await storage.put("reports/1.pdf", b"first")
    await storage.put("reports/1.pdf", b"second")
    assert await storage.exists("reports/1.pdf")
    assert await storage.get("reports/1.pdf") == b"second"
    await storage.delete("reports/1.pdf")
    assert not await storage.exists("reports/1.pdf")


async def test_what_is_not_there_is_not_found_and_may_be_deleted(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.get("nothing")
    await storage.delete("nothing")


async def test_a_key_cannot_leave_the_place(storage: Storage) -> None:
    with pytest.raises(ValueError, match="illegal"):
        await storage.put("../outside", b"")


async def test_a_store_that_works_passes_both_checks(storage: Storage) -> None:
    await storage.check()
    await storage.round_trip()


async def test_a_folder_that_went_away_fails_the_check(tmp_path: Path) -> None:
    storage = at((tmp_path / "objects").as_uri())
    (tmp_path / "objects").rmdir()
    with pytest.raises(StorageFails):
        await storage.check()


async def test_a_bucket_that_is_not_there_fails_the_round_trip(s3: str) -> None:
    keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret", "aws_region": "us-east-1"}
    with pytest.raises(StorageFails):
        await at("s3://missing/prefix", aws_endpoint=s3, **keys).round_trip()
