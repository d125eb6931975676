"""Who is told of alerts: a mail server and a web server, real ones, in the process of the test."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
    451. With `login` (user, password) nobody else may send, and with `tls` nobody in clear."""

    port: int = 0
    busy: bool = False
    refused: set[str] = field(default_factory=set)
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    messages: list[EmailMessage] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""

        def say(line: str) -> None:
            writer.write(line.encode() + CRLF)

        try:
            say("220 mail.example.com")
            known, clear = self.login is None, self.tls is not None
            while line := (await reader.readline()).decode().strip():
                verb, _, rest = line.partition(" ")
                address = rest[rest.find("<") + 1 : rest.rfind(">")]
                if verb.upper() == "EHLO":
                    say("250-mail.example.com")
                    say("250 STARTTLS" if clear else "250 AUTH PLAIN")
                elif verb.upper() == "STARTTLS" and self.tls is not None:
                    say("220 go on")
                    await writer.start_tls(self.tls)
                    clear = False
                elif clear:
                    say("530 not in clear")
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
async def listening(what: Web | Mail, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """It listens on loopback for the block, on its port if it has one; from the start under TLS
    with `tls`."""
    server = await asyncio.start_server(what.answer, "127.0.0.1", what.port, ssl=tls)
    what.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def certified(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of a name or an address that only its own file vouches
    for; and that file."""
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        subject: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    itself = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(itself)
        .issuer_name(itself)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([subject]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, secret)
    return context, cert
