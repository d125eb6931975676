"""The real application, asked over ASGI, with an outlet in memory instead of Kafka."""

import asyncio
import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from processors.engine import sealing, vault
from processors.engine.metrics import Metrics
from processors.engine.sealing import Sealer
from processors.engine.vault import Vault
from processors.gateway import routes
from processors.gateway.app import App
from processors.gateway.directory import Directory, Snapshot, Source
from processors.gateway.door import Accepted
from processors.gateway.keys import Key
from processors.gateway.quarantine import Quarantine
from processors.gateway.settings import GatewaySettings
from processors.gateway.sink import Unavailable
from schemas.topics import TOPICS

NOW = 1_790_000_000_000
SERVER = "a-server-key"
BROWSER = "a-browser-key"
SHOP = "demo.myshopify.example"
ACCOUNTS = {
    "woocommerce": "store.example.com/shop",
    "bigcommerce": "abc123",
    "ecommerce": "acme-till",
    "meta": "1001",
    "whatsapp": "2002",
    "tiktok": "client-key-1",
}
MEASUREMENT = "G-DEMO12345"
REDIRECT_HOSTS = ("shop.example", "*.brand.example")
VERIFY_TOKEN = "a-verify-token"
SECRET = b"synthetic-secret"
OLD_SECRET = b"synthetic-old-secret"
SEAL_KEY = sealing.new_key()

assert routes.__all__


class Outlet:
    """Takes everything, and gives each record the offset that it would have."""

    def __init__(self) -> None:
        self.rows: list[Accepted] = []
        self.open = True
        self.spooling = False
        self.on_disk = False
        self.full = False

    @property
    def spooled(self) -> int:
        return 0

    async def put(self, rows: Sequence[Accepted]) -> None:
        if self.full:
            raise Unavailable
        for row in rows:
            if not self.on_disk:
                row.partition, row.offset = 0, len(self.rows)
            self.rows.append(row)

    def can_take(self) -> bool:
        return self.open

    def state(self) -> dict[str, int | bool]:
        return {"spooling": self.spooling}

    def records(self, topic: str) -> list[Any]:
        """Everything on the topic, read as a consumer reads it; the key must be the catalogue's."""
        found = []
        for row in self.rows:
            assert row.raw.timestamp == NOW
            if row.raw.topic == topic:
                assert row.raw.value is not None
                record = TOPICS[topic].model.model_validate_json(row.raw.value)
                assert TOPICS[topic].key(record).encode() == row.raw.key
                found.append(record)
        return found


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    all_headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)


def settings(**overrides: Any) -> GatewaySettings:
    """Settings that reach nothing."""
    nothing = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing"}
    return GatewaySettings.load(
        kafka_bootstrap_servers="127.0.0.1:1",
        seal_key=SEAL_KEY,
        vault_key=vault.new_key(),
        **{**nothing, **overrides},
    )


class Gateway:
    """The application and its outlets: for what it takes, and for what it refuses."""

    directory_type: type[Directory] = Directory

    def __init__(self, **overrides: Any) -> None:
        self.settings = settings(**overrides)
        self.outlet = Outlet()
        self._now = NOW
        self.kept = Outlet()
        self.sealer = Sealer(b64decode(SEAL_KEY))
        metrics = Metrics()
        self.directory = self.directory_type(
            self.settings,
            vault=Vault(self.settings.vault_key.get_secret_value()),
            clock=lambda: self._now,
        )
        self.directory.snapshot = Snapshot(
            keys={
                hashlib.sha256(SERVER.encode()).hexdigest(): Key("demo", True),
                hashlib.sha256(BROWSER.encode()).hexdigest(): Key("demo", False),
            },
            sources={
                ("shopify", SHOP): Source("demo", SECRET, OLD_SECRET, NOW - 60_000),
                **{
                    (sender, account): Source("demo", SECRET, None, None)
                    for sender, account in ACCOUNTS.items()
                },
            },
            platforms={"demo": ("ga4", "meta")},
            shops={"demo": "shopify"},
            redirect_hosts={"demo": REDIRECT_HOSTS},
            measurements={MEASUREMENT: "demo"},
            verify_tokens={hashlib.sha256(VERIFY_TOKEN.encode()).hexdigest(): "demo"},
        )
        self.directory.loaded = True
        self.app = App(
            self.settings,
            directory=self.directory,
            sink=self.outlet,
            sealer=self.sealer,
            metrics=metrics,
            clock=lambda: self._now,
            quarantine=Quarantine(self.settings, outlet=self.kept, metrics=metrics),
        )

    async def post(
        self,
        path: str,
        body: Any,
        *,
        key: str | None = SERVER,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST a body (bytes as they are, else as JSON)."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {} if key is None else {"authorization": f"Bearer {key}"}
        return await self.ask("POST", path, raw, {**given, **(headers or {})})

    def move(self, now: int) -> None:
        """It is later now."""
        self._now = now

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a page, or a door that takes a query."""
        return await self.ask("GET", path, b"", headers or {})

    async def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request, the body in one piece."""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        return await self.converse(method, path, headers, receive)

    async def converse(
        self, method: str, path: str, headers: Mapping[str, str], receive: Any
    ) -> Answer:
        """One request, the body as `receive` gives it."""
        answer = Answer()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.all_headers = [(k.decode(), v.decode()) for k, v in message["headers"]]
                answer.headers = dict(answer.all_headers)
            else:
                answer.content += message.get("body", b"")

        bare, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": bare,
            "query_string": query.encode("utf-8", "surrogateescape"),
            "headers": [
                (k.lower().encode(), v.encode("utf-8", "surrogateescape"))
                for k, v in headers.items()
            ],
            "client": ("203.0.113.9", 4711),
        }
        await asyncio.wait_for(self.app(scope, receive, send), 30)
        return answer
