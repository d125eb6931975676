"""A shop with two platforms, and dedupe on top of it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from processors.dedupe.processor import DedupeProcessor
from processors.dedupe.retractions import Kinds
from processors.domain.consent import FLAGS
from processors.engine.processor import Item, Result
from processors.engine.progress import Progress
from processors.platforms.google_ads.client import GoogleAds
from processors.platforms.microsoft_ads.client import MicrosoftAds
from schemas.delivery import Delivery, Platform
from schemas.order import Order
from tests.integration.credit.world import NOON, TENANT, World, processor_database, world_of
from tests.unit.dedupe.events import credited, event, order

RETRACTS: dict[Platform, Kinds] = {
    "ga4": frozenset({"refund", "cancel"}),
    "google_ads": GoogleAds.retracts,
    "meta": frozenset(),
    "microsoft_ads": MicrosoftAds.retracts,
}
CONNECTED: tuple[Platform, ...] = ("meta", "ga4", "affiliate")


class Shop:
    """The tables as identity and the operator wrote them, and the processor."""

    def __init__(self, world: World, processor: DedupeProcessor) -> None:
        self.world = world
        self.processor = processor

    async def order(self, name: str = "c1", *, person_id: str | None = None, **own: Any) -> None:
        record: Order = order(order_id=f"order-{name}", **own)
        await self.world.conversion(
            name,
            order_id=record.order_id,
            person_id=person_id,
            checkout_id=record.checkout_id,
            gross=record.gross,
            net=record.gross,
            folded=record.model_dump_json(),
        )

    async def connect(self, platform: Platform) -> None:
        await self.world.put(
            "platform_connections",
            tenant_id=TENANT, platform=platform, account_id="1", credentials_encrypted="",
            enabled=True,
        )  # fmt: skip

    async def pixel(self, event_id: str, **own: Any) -> None:
        record = event(event_id=event_id, **own)
        await self.world.put(
            "pixel_events",
            tenant_id=TENANT, event_id=event_id, source=record.source,
            event_type=record.event_name,
            occurred_at=NOON, received_at=NOON, anchor="visitor:v1", content_hash="h",
            order_source=record.order_source, order_id=record.order_id,
            checkout_id=record.checkout_id, raw_data=record.model_dump_json(),
        )  # fmt: skip

    async def uploaded(self, platform: str, name: str = "c1") -> None:
        await self.world.put(
            "offline_rows",
            tenant_id=TENANT, batch_id=f"to-{platform}", row_number=1, content_hash="h",
            conversion_id=name, platform=platform, upload_type="conversions", received_at=NOON,
        )  # fmt: skip

    async def deny(self, node: str, issued_at: int) -> None:
        for flag in FLAGS:
            await self.world.put(
                "consent_flags",
                tenant_id=TENANT, node=node, flag=flag, value="denied", issued_at=issued_at,
                command_id="a",
            )  # fmt: skip

    async def credited(self, name: str = "c1", *, offset: int = 0) -> Item:
        return credited(name, offset=offset, epoch=await self.world.epoch())

    async def run(self, *batch: Item) -> Result:
        return await self.processor.process(batch)


def told(result: Result) -> list[Delivery]:
    return [emit.record for emit in result.emits if isinstance(emit.record, Delivery)]


def topics(results: Sequence[Result]) -> list[str]:
    return sorted(emit.topic for result in results for emit in result.emits)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with world_of(database) as world, processor_database(database) as db:
        await world.tenant()
        processor = DedupeProcessor(db=db, progress=Progress("dedupe"), retracts=RETRACTS)
        shop = Shop(world, processor)
        for platform in CONNECTED:
            await shop.connect(platform)
        yield shop
