"""One gateway, one shop and one browser for all tests; each test opens a shop of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.pixel_event import PixelEvent
from tests.integration.gateway.running import BROWSER_KEY, Gateway, records, running
from tests.integration.pixel.browser import Browser, chromium, until
from tests.integration.pixel.shop import Shop, serving
from tests.support.databases import Databases
from tests.support.servers import KafkaServer


@dataclass
class Log:
    """What has come to the topics."""

    bootstrap: str
    prefix: str

    def values(self, topic: str) -> list[bytes]:
        """Every value on the topic."""
        found = asyncio.run(records(self.bootstrap, self.prefix, topic))
        return [message.value for message in found if message.value]

    def events(self, shop: Shop, at_least: int) -> list[PixelEvent]:
        """Every event of the shop that is open, in order of time, once so many have come."""
        mark = f"//{shop.host}:"

        def mine() -> list[PixelEvent] | None:
            found = [PixelEvent.model_validate_json(v) for v in self.values("pixel_events.v1")]
            events = [event for event in found if mark in (event.browser.url or "")]
            return events if len(events) >= at_least else None

        return sorted(until(mine), key=lambda event: event.occurred_at)


@pytest.fixture(scope="session")
def log(kafka_server: KafkaServer) -> Log:
    """Topics that no other test has."""
    return Log(kafka_server.bootstrap, f"t{uuid4().hex[:12]}.")


@pytest.fixture(scope="session")
def gateway(
    log: Log, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Ready to take events."""

    async def start(stack: AsyncExitStack, folder: Path) -> Gateway:
        dsn = await stack.enter_async_context(databases.fresh())
        made = running(bootstrap=log.bootstrap, dsn=dsn, prefix=log.prefix, folder=folder)
        return await stack.enter_async_context(made)

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(start(stack, tmp_path_factory.mktemp("gateway")))
        finally:
            runner.run(stack.aclose())


@pytest.fixture(scope="session")
def served(gateway: Gateway) -> Iterator[Shop]:
    """The shop's server."""
    with serving(gateway.url) as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as made:
        yield made


@pytest.fixture
def shop(served: Shop, browser: Browser) -> Iterator[Shop]:
    """A shop that the browser has never seen."""
    served.open(BROWSER_KEY, tenant="demo")
    yield served
    browser.driver.get("about:blank")
