"""The HTTP door."""

import os
import socket
from typing import Annotated, Any

import typer

GRACE_S = 10
LARGEST_MESSAGE = 65_536  # of a WebSocket: the same as a request body

OPTIONS: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    "ws_max_size": LARGEST_MESSAGE,
    "lifespan": "on",
    "log_config": None,
    "access_log": False,  # the application writes its own
    "server_header": False,
    "proxy_headers": False,  # likewise: it knows its own proxies
    "timeout_graceful_shutdown": GRACE_S,
}


def serve(
    fd: Annotated[int | None, typer.Option(help="Serve on this open socket instead of COACHWATTS_BIND.", hidden=True)] = None,
    gate: Annotated[int | None, typer.Option(help="Load everything, then wait for the end of this open pipe.", hidden=True)] = None,
) -> None:
    """Serve HTTP. Needs DATABASE_URL, REDIS_URL, STORAGE_URL and keys; `coachwatts up` brings them all."""
    import uvicorn

    from coachwatts import config, logs
    from coachwatts.app import create_app

    settings = config.load()
    config.require_services(settings)
    logs.configure(settings)
    host, _, port = settings.bind.rpartition(":")
    server = uvicorn.Server(uvicorn.Config(create_app(settings), host=host.strip("[]"), port=int(port), **OPTIONS))
    if gate is not None:
        os.read(gate, 1)
    try:
        server.run(sockets=[socket.socket(fileno=fd)] if fd is not None else None)
    except KeyboardInterrupt:
        return  # uvicorn has already stopped in order
