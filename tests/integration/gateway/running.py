"""A real gateway in a process of its own, and what a test needs to look behind it."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy.local.ports import free_port
from processors.engine import sealing, vault
from processors.engine.cluster import Cluster
from processors.engine.processor import Message
from processors.engine.vault import Vault

SERVER_KEY = "server-key-of-the-demo"
BROWSER_KEY = "browser-key-of-the-demo"
SHOP = "demo.myshopify.example"
SHOP_SECRET = "synthetic-secret"
OLD_SECRET = "synthetic-secret-before"
DEADLINE_SECONDS = 60.0


async def seed(dsn: str, keys: "Keys") -> None:
    """A tenant with a server key, a browser key, a shop and two destinations."""
    box = Vault(keys.vault)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("INSERT INTO tenants (tenant_id) VALUES ('demo')")
        for key, kind in ((SERVER_KEY, "server"), (BROWSER_KEY, "browser")):
            await add_key(connection, key, kind)
        await connection.execute(
            "INSERT INTO webhook_sources VALUES ('shopify', $1, 'demo', $2, $3, now())",
            SHOP,
            box.encrypt(SHOP_SECRET),
            box.encrypt(OLD_SECRET),
        )
        for platform in ("ga4", "meta"):
            await connection.execute(
                "INSERT INTO platform_connections VALUES ('demo', $1, 'account', $2, true)",
                platform,
                box.encrypt("{}"),
            )
    finally:
        await connection.close()


async def add_key(connection: Any, key: str, kind: str) -> None:
    """One more key of the tenant."""
    await connection.execute(
        "INSERT INTO api_keys (key_sha256, tenant_id, kind) VALUES ($1, 'demo', $2)",
        hashlib.sha256(key.encode()).hexdigest(),
        kind,
    )


@dataclass
class Keys:
    """The deployment's own keys."""

    seal: str = field(default_factory=sealing.new_key)
    vault: str = field(default_factory=vault.new_key)


class Gateway:
    """One gateway process; port, spool and settings survive a restart."""

    def __init__(
        self, *, bootstrap: str, dsn: str, prefix: str, folder: Path, keys: Keys, **extra: str
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "DATABASE_URL": dsn,
            "ATTRIBUTARY_SEAL_KEY": keys.seal,
            "ATTRIBUTARY_VAULT_KEY": keys.vault,
            "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": prefix,
            "ATTRIBUTARY_GATEWAY_PORT": str(self.port),
            "ATTRIBUTARY_GATEWAY_SPOOL_DIR": str(folder / "spool"),
            "ATTRIBUTARY_GATEWAY_PRODUCE_TIMEOUT_SECONDS": "1.5",
            "ATTRIBUTARY_GATEWAY_READY_DELAY_SECONDS": "0.2",
            **{f"ATTRIBUTARY_GATEWAY_{name.upper()}": value for name, value in extra.items()},
        }

    def configure(self, **settings: str) -> None:
        """Other settings, from the next start on."""
        for name, value in settings.items():
            self._environment[f"ATTRIBUTARY_GATEWAY_{name.upper()}"] = value

    def environs(self, variables: dict[str, str]) -> None:
        """Other variables, from the next start on."""
        self._environment |= variables

    async def start(self) -> None:
        """Start, and wait until it can take events."""
        self._spawn()
        async with httpx.AsyncClient(base_url=self.url) as client:
            await until(lambda: self._ready(client))

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "processors.gateway"],
                env=self._environment,
                stderr=log,
                stdout=log,
            )

    def start_again(self) -> None:
        """Start without waiting."""
        self._spawn()

    def kill(self) -> None:
        """SIGKILL: no chance to say goodbye."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    @property
    def environment(self) -> dict[str, str]:
        """What it runs under: servers, keys and settings."""
        return dict(self._environment)

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log_text(self) -> str:
        """Everything that it has logged."""
        return self._log.read_text() if self._log.exists() else ""

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log_text[-2_000:]
        try:
            return (await client.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        return process.wait(30)


async def until(condition: Any, *, seconds: float = DEADLINE_SECONDS) -> None:
    """Poll an async condition until it holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def running(
    *, bootstrap: str, dsn: str, prefix: str, folder: Path, **extra: str
) -> AsyncIterator[Gateway]:
    """A gateway with a seeded tenant and its topics."""
    keys = Keys()
    await seed(dsn, keys)
    async with Cluster(bootstrap, prefix=prefix) as cluster:
        await cluster.create_topics()
    gateway = Gateway(
        bootstrap=bootstrap, dsn=dsn, prefix=prefix, folder=folder, keys=keys, **extra
    )
    try:
        await gateway.start()
        yield gateway
    finally:
        gateway.kill()


def client_of(gateway: Gateway, key: str = SERVER_KEY, **options: Any) -> httpx.AsyncClient:
    """A client that sends the key."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=30, **options)


async def records(bootstrap: str, prefix: str, topic: str) -> list[Message]:
    """Everything on a topic."""
    async with Cluster(bootstrap, prefix=prefix) as cluster:
        return [message async for message in cluster.read_topic(topic)]
