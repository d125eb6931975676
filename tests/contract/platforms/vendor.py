"""A vendor made of one socket: it keeps what it was sent and answers what it was told."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Seen:
    """One request."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Vendor:
    """`told` is the next answer; without one the connection is closed."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (row.partition(":") for row in rest if row)}
        body = await reader.readexactly(int(headers["content-length"]))
        target = urlsplit(line.split(" ")[1])
        self.seen.append(
            Seen(target.path, dict(parse_qsl(target.query)), headers, json.loads(body))
        )
        if not self.silent:
            text = self.body if isinstance(self.body, str) else json.dumps(self.body)
            content = b"" if self.body is None else text.encode()
            lines = [f"HTTP/1.1 {self.status} Told", "Connection: close"]
            if self.status != 204:
                lines.append(f"Content-Length: {len(content)}")
            lines += [f"{name}: {value}" for name, value in self.headers.items()]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
