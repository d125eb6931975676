"""A gateway, identity and simulators as processes of their own, and an operator beside them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.ports import free_port
from processors.engine.cluster import Cluster
from processors.engine.vault import Vault
from tests.integration.gateway.running import SHOP, Gateway, Keys, seed, until

TENANT = "demo"
ORDER_TIME = "2026-09-01T12:00:00-04:00"


@dataclass
class Process:
    """One process of ours."""

    popen: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def kill(self) -> None:
        """SIGKILL."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(30)

    async def state(self) -> dict[str, Any]:
        """What it says of itself, ready or not; nothing while it does not listen."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                found = (await client.get(f"http://127.0.0.1:{self.port}/readyz")).json()
        except httpx.TransportError:
            return {}
        return dict(found)

    async def metrics(self) -> str:
        """The text of its metrics."""
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/metrics")).text


@dataclass
class World:
    """What runs, and where."""

    dsn: str
    folder: Path
    env: dict[str, str]
    gateway: Gateway
    processes: list[Process] = field(default_factory=list)

    def spawn(self, *argv: str, port: int, **env: str) -> Process:
        """Start a module of ours."""
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", *argv],
                env={**os.environ, **self.env, **env},
                stdout=out,
                stderr=out,
            )
        made = Process(popen, port, log)
        self.processes.append(made)
        return made

    def processor(self, name: str, replica: int = 0, **env: str) -> Process:
        """Start one replica of a processor."""
        port = free_port()
        argv = ("processors", "run", name, "--replica", str(replica))
        return self.spawn(*argv, port=port, ATTRIBUTARY_ENGINE_HEALTH_PORT=str(port), **env)

    def simulator(self, name: str) -> str:
        """Start a simulator; returns its URL, which is the setting from now on."""
        port = free_port()
        self.spawn("deploy.simulators", f"{name}={port}", port=port)
        self.env[f"ATTRIBUTARY_{name.upper()}_BASE_URL"] = f"http://127.0.0.1:{port}"
        return f"http://127.0.0.1:{port}"

    @contextmanager
    def operator(self, monkeypatch: pytest.MonkeyPatch, **env: str) -> Iterator[None]:
        """The environment of the command line."""
        with monkeypatch.context() as patch:
            for name, value in {**self.env, **env}.items():
                patch.setenv(name, value)
            yield

    async def rows(self, query: str, *args: Any) -> list[Any]:
        """As the database's owner."""
        conn = await asyncpg.connect(self.dsn)
        try:
            return list(await conn.fetch(query, *args))
        finally:
            await conn.close()

    async def connect_fairing(self, token: str) -> None:
        """The tenant has this token, and has switched the bridge on."""
        credentials = Vault(self.env["ATTRIBUTARY_VAULT_KEY"]).encrypt(
            json.dumps({"api_token": token})
        )
        connection = "INSERT INTO platform_connections VALUES ($1, 'fairing', '', $2, false)"
        await self.rows(connection, TENANT, credentials)
        setting = (
            "INSERT INTO tenant_settings VALUES ($1, 'fairing_bridge_enabled', 'true', 1, 'k')"
        )
        await self.rows(setting, TENANT)

    async def wait_for(self, query: str, expected: Any) -> None:
        """Until the query's only value is the expected one."""

        async def same() -> bool:
            return bool((await self.rows(query))[0][0] == expected)

        await until(same)


async def tell(url: str, path: str, document: Any) -> None:
    """Tell a simulator something."""
    async with httpx.AsyncClient(timeout=10) as client:

        async def told() -> bool:
            try:
                answer = await client.post(f"{url}/_sim/{path}", content=json.dumps(document))
            except httpx.TransportError:
                return False
            assert answer.status_code == 200, answer.text
            return True

        await until(told)


async def asked(url: str) -> list[dict[str, Any]]:
    """The requests that a simulator got."""
    async with httpx.AsyncClient(timeout=10) as client:
        found: list[dict[str, Any]] = (await client.get(f"{url}/_sim/stats")).json()["requests"]
    return found


@asynccontextmanager
async def running(*, bootstrap: str, dsn: str, prefix: str, folder: Path) -> AsyncIterator[World]:
    """A gateway with the tenant `demo`, its shop and its topics; ends everything it started."""
    keys = Keys()
    await seed(dsn, keys)
    async with Cluster(bootstrap, prefix=prefix) as cluster:
        await cluster.create_topics()
    gateway = Gateway(bootstrap=bootstrap, dsn=dsn, prefix=prefix, folder=folder, keys=keys)
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "DATABASE_URL": dsn,
        "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": prefix,
        "ATTRIBUTARY_SEAL_KEY": keys.seal,
        "ATTRIBUTARY_VAULT_KEY": keys.vault,
        "GATEWAY_URL": gateway.url,
        "ATTRIBUTARY_READING_FIRST_PAUSE_SECONDS": "0.05",
    }
    world = World(dsn, folder, env, gateway)
    try:
        await gateway.start()
        yield world
    finally:
        gateway.kill()
        for process in world.processes:
            if process.popen.poll() is None:
                process.kill()


def shop_order(number: int, **changes: Any) -> dict[str, Any]:
    """An order as the shop lists it."""
    return {
        "id": 820_982_911_946_000_000 + number, "currency": "USD", "total_price": "100.00",
        "financial_status": "paid", "created_at": ORDER_TIME, "processed_at": ORDER_TIME,
        "updated_at": ORDER_TIME, "cancelled_at": None, "test": False, "refunds": [],
        "note_attributes": [{"name": "visitor_id", "value": f"visitor-{number}"}], **changes,
    }  # fmt: skip


__all__ = ["SHOP", "TENANT", "World", "asked", "running", "shop_order", "tell", "until"]
