"""A vendor made of one socket: it keeps what it was sent and answers what it was told.

At `TOKEN_PATH` it sells access tokens, which is no request of the cases: those are counted apart.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN_PATH = "/oauth/token"


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
    tokens: list[dict[str, str]] = field(default_factory=list)
    token_headers: list[dict[str, str]] = field(default_factory=list)
    token_answer: tuple[int, Any] = (200, {"access_token": "secret-1", "expires_in": 3600})
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (row.partition(":") for row in rest if row)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        target = urlsplit(line.split(" ")[1])
        if target.path == TOKEN_PATH:
            self.tokens.append(dict(parse_qsl(body.decode())))
            self.token_headers.append(headers)
            await _answer(writer, *self.token_answer, {})
        else:
            params = dict(parse_qsl(target.query))
            self.seen.append(Seen(target.path, params, headers, json.loads(body or b"null")))
            if not self.silent:
                await _answer(writer, self.status, self.body, self.headers)
        writer.close()
        await writer.wait_closed()


async def _answer(
    writer: asyncio.StreamWriter, status: int, body: Any, headers: dict[str, str]
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    content = b"" if body is None else text.encode()
    lines = [f"HTTP/1.1 {status} Told", "Connection: close"]
    if status != 204:
        lines.append(f"Content-Length: {len(content)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
    await writer.drain()
