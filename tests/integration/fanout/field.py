"""The field of a fan-out test: topics, tenants, simulators and replicas, all processes real."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from time import monotonic, time
from typing import Any, cast

import asyncpg
import httpx
import orjson

from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.processor import Emit
from processors.engine.vault import Vault, new_key
from processors.platforms.base import ACCOUNT_ID
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, Platform
from schemas.delivery_outcome import DeliveryOutcome
from tests.integration.fanout.worker import spec

QUICK = {
    "ATTRIBUTARY_FANOUT_POLL_SECONDS": "0.05",
    "ATTRIBUTARY_FANOUT_HOUSEKEEPING_SECONDS": "0.3",
    "ATTRIBUTARY_FANOUT_ACCOUNTS_SECONDS": "0.2",
    "ATTRIBUTARY_FANOUT_BREAKER_RECOVERY_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_PARK_FIRST_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_REAUTH_SECONDS": "1",
    "ATTRIBUTARY_ENGINE_SESSION_TIMEOUT_MS": "6000",
    "ATTRIBUTARY_ENGINE_HEARTBEAT_INTERVAL_MS": "1000",
    "ATTRIBUTARY_ENGINE_POLL_TIMEOUT_MS": "100",
}


async def until(what: str, met: Callable[[], Awaitable[bool]], *, seconds: float = 40.0) -> None:
    """Poll a condition; fail with its name when the deadline passes."""
    deadline = monotonic() + seconds
    while not await met():
        if monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.05)


class Simulator:
    """A platform simulator as an OS process whose memory outlives it."""

    def __init__(self, platform: str, folder: Path) -> None:
        self.platform = platform
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._argv = [
            sys.executable, "-m", "deploy.simulators", "--state", str(folder),
            f"{platform}={self.port}",
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def serve(self, others: Iterable["Simulator"]) -> None:
        """Let its process serve others, too, which are not started themselves."""
        self._argv += [f"{other.platform}={other.port}" for other in others]

    def _spawn(self) -> None:
        self._process = subprocess.Popen(self._argv)

    async def start(self) -> None:
        """Return when it answers."""
        self._spawn()

        async def answers() -> bool:
            try:
                await self.get("/healthz")
            except httpx.TransportError:
                return False
            return True

        await until("the simulator's answer", answers)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    async def get(self, path: str) -> Any:
        """JSON of one of its routes."""
        async with httpx.AsyncClient() as client:
            return (await client.get(self.url + path)).json()

    async def post(self, path: str, body: Any) -> None:
        """Tell it something."""
        async with httpx.AsyncClient() as client:
            (await client.post(self.url + path, json=body)).raise_for_status()

    async def script(self, *steps: dict[str, Any], **told: Any) -> None:
        """Troubles for the next requests."""
        await self.post("/_sim/script", {"steps": steps, **told})

    async def accepted(self) -> dict[str, int]:
        """Event id -> how many times it counted."""
        return {row["id"]: row["times_accepted"] for row in await self.get("/_sim/accepted")}

    async def stats(self) -> dict[str, Any]:
        """Its counters."""
        found: dict[str, Any] = await self.get("/_sim/stats")
        return found


class Field:
    """Everything that one test needs."""

    def __init__(self, *, bootstrap: str, dsn: str, prefix: str, folder: Path) -> None:
        self._bootstrap, self.dsn, self._prefix, self._folder = bootstrap, dsn, prefix, folder
        self._vault_key = new_key()
        self._producer = Producer(bootstrap, prefix=prefix)
        self._workers: list[subprocess.Popen[bytes]] = []
        self.meta = Simulator("meta", folder)
        self.ga4 = Simulator("ga4", folder)
        self._simulators = {"meta": self.meta, "ga4": self.ga4}

    async def open(self) -> None:
        """Topics, simulators, a database connection."""
        await self._create_topics(*self._simulators)
        await self.reconnect()
        await asyncio.gather(self.meta.start(), self.ga4.start(), self._producer.start())

    async def add(self, platform: Platform) -> Simulator:
        """One more platform, for the replicas that start after this."""
        await self._create_topics(platform)
        simulator = self._simulators[platform] = Simulator(platform, self._folder)
        await simulator.start()
        return simulator

    async def add_together(self, *platforms: Platform) -> dict[Platform, Simulator]:
        """Many more platforms, in one process."""
        await self._create_topics(*platforms)
        added = {platform: Simulator(platform, self._folder) for platform in platforms}
        self._simulators.update({str(name): one for name, one in added.items()})
        first, *others = added.values()
        first.serve(others)
        await first.start()
        return added

    async def _create_topics(self, *platforms: str) -> None:
        needed = spec(platforms)
        async with Cluster(self._bootstrap, prefix=self._prefix) as cluster:
            dead_letters = [f"dead_letters.{topic}" for topic in needed.inputs]
            await cluster.create_topics([*needed.inputs, *needed.outputs, *dead_letters])

    async def reconnect(self) -> None:
        """Connect to the database, as soon as it answers."""

        async def answers() -> bool:
            try:
                self._db = await asyncpg.connect(self.dsn)
            except (OSError, asyncpg.PostgresError):
                return False
            return True

        await until("the database", answers)

    async def close(self) -> None:
        """End every process of the test."""
        for worker in self._workers:
            self.kill(worker)
        for simulator in self._simulators.values():
            simulator.kill()
        await self._producer.stop()
        await self._db.close()

    async def connect(
        self,
        tenant: str,
        *platforms: str,
        token: str = "token-1",
        **said: str,
    ) -> None:
        """A tenant with accounts `px-<tenant>`, at GA4 `G-<tenant>`, whose every credential is the
        token, but for what is said of one or of the account; again to change it."""
        vault = Vault(self._vault_key)
        await self._db.execute("INSERT INTO tenants VALUES ($1) ON CONFLICT DO NOTHING", tenant)
        for platform in platforms or ("meta", "ga4"):
            fields = CONNECTORS[cast(Platform, platform)].connection.values()
            credentials = {field.part: token for field in fields if field.part != ACCOUNT_ID} | said
            usual = f"G-{tenant}" if platform == "ga4" else f"px-{tenant}"
            account = credentials.pop(ACCOUNT_ID, usual)
            await self._db.execute(
                "INSERT INTO platform_connections VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (tenant_id, platform)"
                " DO UPDATE SET credentials_encrypted = excluded.credentials_encrypted",
                tenant,
                platform,
                account,
                vault.encrypt(orjson.dumps(credentials).decode()),
            )

    def worker(self, replica: int = 0, /, **environment: str) -> subprocess.Popen[bytes]:
        """Start a replica."""
        path = self._folder / f"worker-{len(self._workers)}.log"
        with path.open("wb") as out:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.fanout.worker", *self._simulators],
                env={
                    **os.environ,
                    **QUICK,
                    "KAFKA_BOOTSTRAP_SERVERS": self._bootstrap,
                    "DATABASE_URL": self.dsn,
                    "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": self._prefix,
                    "ATTRIBUTARY_ENGINE_REPLICA": str(replica),
                    "ATTRIBUTARY_VAULT_KEY": self._vault_key,
                    **{
                        f"ATTRIBUTARY_{platform.upper()}_BASE_URL": simulator.url
                        for platform, simulator in self._simulators.items()
                    },
                    **environment,
                },
                stdout=out,
                stderr=out,
            )
        self._workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL, and wait for the end."""
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)

    def logs(self) -> str:
        """What every replica logged."""
        return "".join(path.read_text() for path in sorted(self._folder.glob("worker-*.log")))

    async def put(self, deliveries: Iterable[Delivery]) -> None:
        """Onto the topics."""
        await self._producer.send_all(
            [Emit(f"deliveries.{d.platform}.v1", d, d.occurred_at) for d in deliveries]
        )

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Rows of the operator's query."""
        rows: list[Any] = await self._db.fetch(query, *args)
        return rows

    async def execute(self, query: str, *args: Any) -> None:
        """A statement of the operator's."""
        await self._db.execute(query, *args)

    async def states(self) -> dict[str, str]:
        """Event id -> state."""
        rows = await self.fetch("SELECT event_id, state FROM deliveries")
        return {row["event_id"]: row["state"] for row in rows}

    async def settled(self, events: Iterable[str], *, seconds: float = 60.0) -> dict[str, str]:
        """States, once every one of these events has a final one."""
        wanted = set(events)

        async def done() -> bool:
            states = await self.states()
            waiting = {"queued", "parked", "sending"}
            return wanted <= states.keys() and not waiting & {states[e] for e in wanted}

        try:
            await until("a final state of every delivery", done, seconds=seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.logs()[-4000:]}") from None
        return await self.states()

    async def in_state(self, state: str, *, at_least: int = 1) -> None:
        """Return when so many deliveries are in a state."""

        async def there() -> bool:
            return list((await self.states()).values()).count(state) >= at_least

        await until(f"{at_least} deliveries {state}", there)

    async def outcomes(self) -> dict[str, DeliveryOutcome]:
        """Event id -> its last record on the outcomes' topic."""
        async with Cluster(self._bootstrap, prefix=self._prefix) as cluster:
            found = [
                DeliveryOutcome.model_validate_json(message.value)
                async for message in cluster.read_topic("delivery_outcomes.v1")
                if message.value
            ]
        return {one.event_id: one for one in found}


def event(
    event_id: str,
    *,
    tenant: str = "acme",
    platform: str = "meta",
    name: str = "Purchase",
    **rest: Any,
) -> Delivery:
    """A synthetic delivery of a minute ago."""
    return Delivery.model_validate(
        {
            "tenant_id": tenant,
            "platform": platform,
            "event_id": event_id,
            "event_name": name,
            "occurred_at": int(time() * 1000) - 60_000,
            "order_id": event_id if name == "Purchase" else None,
            "value": 1299,
            "currency": "EUR",
            "visitor_id": f"visitor-{event_id}",
            "browser": {"user_agent": "Mozilla/5.0", "url": "https://shop.example.com/"},
            **rest,
        }
    )


def names(count: int, prefix: str = "e") -> list[str]:
    """Event ids."""
    return [f"{prefix}{n:05d}" for n in range(count)]
