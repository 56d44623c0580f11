from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from coachwatts.api.middleware.peer import Peer
from coachwatts.config import Settings
from tests.kit.scratch_server import scratch_server

PROXIES = ("127.0.0.0/8", "10.0.0.0/8", "fd00::/8")


async def caller(direct: str | None, *forwarded: str, trusted: tuple[str, ...] = PROXIES) -> str | None:
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None:
        return

    headers = [(b"x-forwarded-for", value.encode(errors="surrogateescape")) for value in forwarded]
    await Peer(app, trusted)({"type": "http", "client": (direct, 1) if direct else None, "headers": headers}, receive, send)
    client = seen[0]["client"]
    return client[0] if client else None


@pytest.mark.parametrize(
    ("direct", "forwarded", "expected"),
    [
        ("192.0.2.1", ("198.51.100.1",), "192.0.2.1"),  # not one of our proxies: it may write what it likes
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("203.0.113.9, 198.51.100.1",), "198.51.100.1"),  # the left part came from the caller
        ("127.0.0.1", ("203.0.113.9, 198.51.100.1, 10.1.1.1",), "198.51.100.1"),
        ("127.0.0.1", ("203.0.113.9", "198.51.100.1"), "198.51.100.1"),  # the header twice reads like one list
        ("127.0.0.1", ("10.2.2.2, 10.1.1.1",), "10.2.2.2"),
        ("127.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("127.0.0.1", ("[2001:db8::1]:4711",), "2001:db8::1"),
        ("127.0.0.1", ("2001:db8::1",), "2001:db8::1"),
        ("::ffff:10.1.1.1", ("198.51.100.1",), "198.51.100.1"),
        ("fd00::1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("junk",), "127.0.0.1"),
        ("127.0.0.1", ("198.51.100.1, junk",), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("127.0.0.1", (), "127.0.0.1"),
        (None, ("198.51.100.1",), None),
    ],
)
async def test_the_caller_is_whom_our_own_proxies_saw(direct: str | None, forwarded: tuple[str, ...], expected: str | None) -> None:
    assert await caller(direct, *forwarded) == expected


@given(st.text(max_size=80))
async def test_whatever_is_forwarded_the_caller_stays_an_address(text: str) -> None:
    found = await caller("127.0.0.1", text.replace("\ud800", ""))
    assert str(ip_address(found or "")) == found


async def test_without_proxies_nothing_that_is_forwarded_counts(settings: Settings) -> None:
    headers = {"host": "watts.example.org", "x-forwarded-for": "198.51.100.1", "x-request-id": "chosen-by-caller"}
    async with scratch_server(settings, public_url="https://watts.example.org") as http:
        seen = (await http.get("/whoami", headers=headers)).json()
    assert seen["client"] == "127.0.0.1"
    assert seen["id"] != "chosen-by-caller"


async def test_behind_a_proxy_caller_and_request_id_are_the_proxys(settings: Settings) -> None:
    async with scratch_server(settings, trusted_proxies=("127.0.0.1",)) as http:
        answer = await http.get("/whoami", headers={"x-forwarded-for": "198.51.100.1", "x-request-id": "chosen-by-proxy"})
    assert answer.json() == {"client": "198.51.100.1", "id": "chosen-by-proxy"}
    assert answer.headers["x-request-id"] == "chosen-by-proxy"


@pytest.mark.parametrize("given_id", ["short", "x" * 65, "with space here", "schön-und-gut", "a;DROP TABLE", ""])
async def test_an_odd_request_id_is_replaced_even_from_a_proxy(settings: Settings, given_id: str) -> None:
    async with scratch_server(settings, trusted_proxies=("127.0.0.1",)) as http:
        answer = await http.get("/whoami", headers=[(b"x-request-id", given_id.encode())])
    assert len(answer.headers["x-request-id"]) == 32
