"""TLS in front of a Postgres that was built without it, as a pooler or a cloud's gateway has it: it
answers SSLRequest, ends the encryption, and hands on bytes. Whoever comes in the clear is refused,
in Postgres' own words."""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

SSL_REQUEST: Final = struct.pack(">ii", 8, 80877103)
NO_TLS: Final = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for host, no encryption\0\0"


@asynccontextmanager
async def tls_front(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """Listen on a port of loopback, which is given, for the Postgres behind `port`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transports = [writer.transport]
        try:
            if await reader.readexactly(8) != SSL_REQUEST:
                writer.write(b"E" + struct.pack(">i", len(NO_TLS) + 4) + NO_TLS)
                await writer.drain()
                return
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(context)
            transports.append(writer.transport)
            behind = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_pipe(reader, behind[1]), _pipe(behind[0], writer))
        except (OSError, asyncio.IncompleteReadError):
            return  # the test looks at what the client says of it
        finally:
            for transport in transports:
                transport.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
