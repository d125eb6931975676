"""A simulator on a port of its own, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from deploy.simulators.ledger import Ledger
from deploy.simulators.server import Rules, application


class Simulated:
    """One simulator, which is told what to say by `rows` and `script`."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client

    async def tell(self, what: str, document: Any) -> None:
        """`rows`, `script` or `accounts`."""
        answer = await self._client.post(f"{self.url}/_sim/{what}", json=document)
        assert answer.status_code == 200, answer.text

    async def stats(self) -> dict[str, Any]:
        """What it counted."""
        found: dict[str, Any] = (await self._client.get(f"{self.url}/_sim/stats")).json()
        return found


@asynccontextmanager
async def simulated(kind: Callable[[Ledger], Rules]) -> AsyncIterator[Simulated]:
    """Serve it for the length of a block."""
    ledger = Ledger(None)
    config = uvicorn.Config(application(kind(ledger), ledger), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    async with httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await client.get(f"{url}/healthz")
        yield Simulated(url, client)
    server.should_exit = True
    await serving
