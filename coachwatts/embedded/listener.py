"""The address to listen on, held by the supervisor: while the API restarts, callers wait instead of being refused."""

import errno
import socket

import psutil

from coachwatts.embedded.errors import AddressInUse


def listen(bind: str) -> socket.socket:
    """Port 0 means: any free one."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen(2048)
    except OSError as trouble:
        listener.close()
        raise AddressInUse(f"Cannot listen on {bind}: {_reason(trouble, int(port))} Set COACHWATTS_BIND to another address.") from None
    return listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reason(trouble: OSError, port: int) -> str:
    if trouble.errno != errno.EADDRINUSE:
        return f"{trouble.strerror}."
    holder = _holder(port)
    return f"it is in use by {holder}." if holder else "it is in use."


def _holder(port: int) -> str | None:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr and connection.laddr.port == port:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return None
