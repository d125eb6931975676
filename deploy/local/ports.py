"""Loopback ports that stay the same.

A service keeps its port over its own restarts, and over `down` and `up` as long as nobody else has
taken it. Ports are drawn from below the ephemeral range of Linux (32768) and macOS (49152), so that
no outgoing connection can occupy the port of a server that is just being restarted.
"""

import json
import secrets
import socket
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError
from deploy.local.files import write_atomically

_LOWEST: Final = 20_000
_HIGHEST: Final = 31_999


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of every interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def free_port(*, besides: frozenset[int] = frozenset()) -> int:
    """Return a port that nobody listens on, starting the search at a random place."""
    span = _HIGHEST - _LOWEST + 1
    start = secrets.randbelow(span)
    for step in range(span):
        port = _LOWEST + (start + step) % span
        if port not in besides and is_free(port):
            return port
    raise LocalStackError(f"no free port between {_LOWEST} and {_HIGHEST}")


class PortBook:
    """The ports of one stack by service name, remembered in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        self._given: dict[str, int] = {}

    def take(self, name: str, *, preferred: int | None = None) -> int:
        """Give the service its port: the preferred one, else the one of last time, else a new."""
        for port in (preferred, self._known.get(name)):
            if port is not None and port not in self._given.values() and is_free(port):
                break
        else:
            taken = frozenset(self._given.values()) | frozenset(self._known.values())
            port = free_port(besides=taken)
        self._given[name] = port
        return port

    def save(self) -> None:
        """Remember what was given."""
        write_atomically(self._path, json.dumps(self._known | self._given, indent=2))
