"""A vendor that listens, and the connector that talks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from processors.platforms.base import Account, Connector
from processors.platforms.registry import CONNECTORS
from processors.platforms.tiktok.client import TikTok
from schemas.delivery import Platform
from tests.contract.platforms.vendor import Vendor

NOW_MS = 1_788_600_060_000

ACCOUNT = Account("acme", "acct-1", {"access_token": "secret-1", "api_secret": "secret-1"})

WRITTEN: dict[Platform, type[Connector]] = {**CONNECTORS, "tiktok": TikTok}
"""Connectors: those that the pipeline sends through, and the one that so far serves by itself."""

Connect = Callable[[Platform], Awaitable[Connector]]


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """Listens on a free port."""
    told = Vendor()
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield told


@pytest.fixture
async def connect(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Connectors whose base URL is the vendor's."""
    made: list[Connector] = []

    async def load(platform: Platform) -> Connector:
        monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_BASE_URL", vendor.url + "/")
        connector = WRITTEN[platform].load(lambda: NOW_MS)
        made.append(connector)
        return connector

    yield load
    for connector in made:
        await connector.close()
