"""Who is told of alerts: a mail server and a web server, real ones, in the process of the test."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

CRLF = b"\r\n"


@dataclass
class Post:
    """A POST as it came."""

    headers: dict[bytes, bytes]
    body: bytes


@dataclass
class Web:
    """Answers each POST with the next status, the last one for ever; 0 drops the connection after
    it has read the request, as a server that dies would."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [200])
    posts: list[Post] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        try:
            head = (await reader.readuntil(CRLF * 2)).split(CRLF)[1:-2]
            pairs = (line.partition(b":") for line in head)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
            self.posts.append(Post(headers, body))
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            if status:
                writer.write(b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % status)
                await writer.drain()
        finally:
            writer.close()


@dataclass
class Mail:
    """Takes messages as RFC 5321 says; `refused` addresses get 550, and while it is `busy` all get
    451. With `login` (user, password) nobody else may send."""

    port: int = 0
    busy: bool = False
    refused: set[str] = field(default_factory=set)
    login: tuple[str, str] | None = None
    messages: list[EmailMessage] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""

        def say(line: str) -> None:
            writer.write(line.encode() + CRLF)

        try:
            say("220 mail.example.com")
            known = self.login is None
            while line := (await reader.readline()).decode().strip():
                verb, _, rest = line.partition(" ")
                address = rest[rest.find("<") + 1 : rest.rfind(">")]
                if verb.upper() == "EHLO":
                    say("250-mail.example.com" if self.login else "250 mail.example.com")
                    if self.login:
                        say("250 AUTH PLAIN")
                elif verb.upper() == "AUTH":
                    _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                    known = (user, password) == self.login
                    say("235 welcome" if known else f"535 {user} is not known here")
                elif not known and verb.upper() in ("MAIL", "RCPT", "DATA"):
                    say("530 log in first")
                elif verb.upper() == "RCPT" and address in self.refused:
                    say(f"550 no mailbox {address}")
                elif verb.upper() == "RCPT" and self.busy:
                    say(f"451 try {address} later")
                elif verb.upper() == "DATA":
                    say("354 go on")
                    raw = (await reader.readuntil(CRLF + b"." + CRLF))[:-3]
                    made = message_from_bytes(raw, policy=policy.default)
                    self.messages.append(made)
                    say("250 taken")
                elif verb.upper() == "QUIT":
                    say("221 good-bye")
                    break
                else:
                    say("250 fine")
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def listening(what: Web | Mail) -> AsyncIterator[None]:
    """It listens on loopback for the block, on its port if it has one."""
    server = await asyncio.start_server(what.answer, "127.0.0.1", what.port)
    what.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
