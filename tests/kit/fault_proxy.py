"""A TCP proxy that misbehaves on request: swallows bytes, resets connections, refuses new ones."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Streams]]
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


@dataclass
class FaultProxy:
    dial: Dial
    port: int = 0
    refuses: bool = False
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    """While cleared, bytes are swallowed in silence."""
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def reset_all(self) -> None:
        for writer in list(self._open):
            connection: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        up_reader, up_writer = await self.dial()
        self._open |= {writer, up_writer}
        await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                await self.flows.wait()
                target.write(data)
                await target.drain()
        target.close()
        self._open.discard(target)


@asynccontextmanager
async def fault_proxy(dial: Dial) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(dial)
    proxy.flows.set()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.flows.set()
        server.close()
        proxy.reset_all()
