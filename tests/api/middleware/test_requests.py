"""What comes in: under which name, and how much."""

from collections.abc import AsyncIterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from coachwatts.api.middleware.body_cap import MOST_BYTES
from coachwatts.api.middleware.hosts import FORWARDED, Hosts
from coachwatts.config import Settings
from tests.kit.scratch_server import scratch_server

OURS = ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:9000", "127.0.0.1:80"]
OTHERS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "",
    " ",
    "a b",
    "[::1",
    "127.0.0.1:8000/x",
    "192.0.2.1",
    "\xff",
]


@pytest.mark.parametrize("host", OURS)
async def test_on_loopback_every_name_of_this_machine_is_ours(settings: Settings, host: str) -> None:
    async with scratch_server(settings) as http:
        assert (await http.get("/whoami", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", OTHERS)
async def test_other_names_are_refused(settings: Settings, host: str) -> None:
    async with scratch_server(settings) as http:
        answer = await http.get("/whoami", headers=[(b"host", host.encode("latin-1"))])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "WRONG_HOST"


async def test_two_names_are_none(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        answer = await http.get("/whoami", headers=[(b"host", b"127.0.0.1"), (b"host", b"evil.example")])
    assert answer.status_code == 400


async def test_a_published_server_answers_under_its_public_name_alone(settings: Settings) -> None:
    async with scratch_server(settings, public_url="https://watts.example.org") as http:
        statuses = [(await http.get("/whoami", headers={"host": host})).status_code for host in ("watts.example.org", "127.0.0.1:8000")]
    assert statuses == [200, 400]


@pytest.mark.parametrize("name", FORWARDED)
async def test_where_links_are_shown_nothing_comes_through_a_proxy(settings: Settings, name: str) -> None:
    """Such a proxy may send our own name as the host, and everybody would seem to sit at this machine."""
    async with scratch_server(settings) as http:
        answer = await http.get("/whoami", headers={"host": "127.0.0.1:8000", name: "192.0.2.1"})
    assert answer.status_code == 400
    assert "COACHWATTS_PUBLIC_URL" in answer.json()["errors"][0]["message"]


async def test_a_published_server_may_stand_behind_any_proxy(settings: Settings) -> None:
    async with scratch_server(settings, public_url="https://watts.example.org") as http:
        answer = await http.get("/whoami", headers={"host": "watts.example.org", "via": "1.1 edge", "x-forwarded-for": "192.0.2.1"})
    assert answer.status_code == 200


async def test_a_socket_under_another_name_is_refused(settings: Settings) -> None:
    said: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("must not be reached")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    await Hosts(app, settings)(scope, receive, send)
    assert said == [{"type": "websocket.close", "code": 1008, "reason": "wrong host"}]


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1024):
        yield b"x" * 1024


async def test_a_body_up_to_the_cap_is_read(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        assert (await http.post("/count/x", content=b"x" * MOST_BYTES)).text == str(MOST_BYTES)
        assert (await http.post("/count/x", content=chunks(MOST_BYTES))).text == str(MOST_BYTES)


async def test_a_larger_body_is_refused_announced_or_not(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        announced = await http.post("/count/x", content=b"x" * (MOST_BYTES + 1))
        chunked = await http.post("/count/x", content=chunks(MOST_BYTES + 1024))
    for answer in (announced, chunked):
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        assert answer.json()["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 30, "²"])
async def test_an_odd_length_is_refused(settings: Settings, length: str) -> None:
    async with scratch_server(settings) as http:
        answer = await http.post("/count/x", headers=[(b"content-length", length.encode())], content=b"x")
    assert answer.status_code == 413
