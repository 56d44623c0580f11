"""Who is at the other end. Forwarded headers count only when one of our proxies wrote them."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address


class Peer:
    """Puts the caller's address into `scope["client"]`, and whether a proxy of ours stands between into the state."""

    def __init__(self, app: ASGIApp, trusted_proxies: Iterable[str]) -> None:
        self._app = app
        self._trusted = [ip_network(part, strict=False) for part in trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and self._is_proxy(direct := _client_of(scope)):
            forwarded = Headers(scope=scope).getlist("x-forwarded-for")
            scope["client"] = (str(self._caller(direct, ",".join(forwarded))), 0)
            scope.setdefault("state", {})["by_proxy"] = True
        await self._app(scope, receive, send)

    def _caller(self, direct: Address | None, forwarded: str) -> Address | None:
        """From the right, the first address that is not a proxy of ours; whatever stands left of it anybody may have written."""
        nearest = direct
        for part in reversed(forwarded.split(",")):
            address = _parse(part)
            if address is None:
                break
            nearest = address
            if not self._is_proxy(address):
                break
        return nearest

    def _is_proxy(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _client_of(scope: Scope) -> Address | None:
    return _parse(scope["client"][0]) if scope.get("client") else None


def _parse(text: str) -> Address | None:
    """With or without a port: proxies write 192.0.2.1, 192.0.2.1:4711, 2001:db8::1 and [2001:db8::1]:4711."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
