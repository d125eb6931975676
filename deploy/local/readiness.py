"""Is the server behind this address ready to serve?

One short exchange in the server's own protocol over a plain socket, so it needs no client library
and works for a server that we did not start. An open port alone says little: Kafka and Postgres
accept connections long before they answer.

    http://host:port/path         a 200
    kafka://host:port             an answer to Metadata that names a broker (one that has only
                                  just started does not yet know of itself)
    postgresql://host:port        a request to authenticate (while it recovers it sends an error)
    tcp://host:port               accepts a connection
"""

import socket
import struct
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

_TIMEOUT_SECONDS: Final = 2.0
_PROBE_ID: Final = 0x61747472


def is_ready(url: str) -> bool:
    """Ask once, for two seconds at most; every failure is a no."""
    parts = urlsplit(url)
    ask = _EXCHANGES[parts.scheme]
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    try:
        with socket.create_connection(address, timeout=_TIMEOUT_SECONDS) as connection:
            return ask(connection, parts.path or "/")
    except OSError:
        return False


def _http(connection: socket.socket, path: str) -> bool:
    connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    status = _receive(connection, 12)
    return status.startswith(b"HTTP/1.") and status[9:12] == b"200"


def _kafka(connection: socket.socket, _: str) -> bool:
    metadata, version, anonymous, no_topics, create_none = 3, 4, -1, 0, False
    request = struct.pack(
        ">hhihi?", metadata, version, _PROBE_ID, anonymous, no_topics, create_none
    )
    connection.sendall(struct.pack(">i", len(request)) + request)
    answer = _receive(connection, 16)
    if len(answer) < 16:
        return False
    _, probe, _, brokers = struct.unpack(">iiii", answer)
    return bool(probe == _PROBE_ID and brokers > 0)


def _postgres(connection: socket.socket, _: str) -> bool:
    protocol_3_0 = 196608
    startup = struct.pack(">i", protocol_3_0) + b"user\0postgres\0database\0postgres\0\0"
    connection.sendall(struct.pack(">i", len(startup) + 4) + startup)
    return _receive(connection, 1) == b"R"


def _tcp(_: socket.socket, __: str) -> bool:
    return True


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size and (more := connection.recv(size - len(received))):
        received += more
    return received


_EXCHANGES: Final[dict[str, Callable[[socket.socket, str], bool]]] = {
    "http": _http,
    "kafka": _kafka,
    "postgresql": _postgres,
    "tcp": _tcp,
}
