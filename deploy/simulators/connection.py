"""Connections that the server can cut in the middle of an exchange, as a broken network does."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class Droppable(HttpToolsProtocol):
    """uvicorn's protocol, which remembers its transport by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember it."""
        super().connection_made(transport)
        self._peer = tuple(transport.get_extra_info("peername")[:2])
        _open[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _open.pop(self._peer, None)
        super().connection_lost(exc)


def drop(client: Any) -> None:
    """Cut the connection of this client (the ASGI scope's `client`) at once."""
    transport = _open.get((client[0], client[1]))
    if transport is not None:
        transport.abort()
