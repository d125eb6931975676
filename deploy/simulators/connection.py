"""Connections that the server can cut in the middle of an exchange, as a broken network does."""

import asyncio
from typing import Final

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Ends = tuple[str, int, int]
"""The client's address and the server's port: a client may use one port for several servers."""

_open: Final[dict[Ends, asyncio.Transport]] = {}


class Droppable(HttpToolsProtocol):
    """uvicorn's protocol, which remembers its transport by the connection's ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember it."""
        super().connection_made(transport)
        host, port = transport.get_extra_info("peername")[:2]
        self._ends = (host, port, transport.get_extra_info("sockname")[1])
        _open[self._ends] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _open.pop(self._ends, None)
        super().connection_lost(exc)


def drop(request: Request) -> None:
    """Cut the connection that the request came by at once."""
    host, port = request.scope["client"]
    transport = _open.get((host, port, request.scope["server"][1]))
    if transport is not None:
        transport.abort()
