"""A database with one tenant, and credit on top of it."""

from collections.abc import AsyncIterator, Sequence

import pytest

from processors.credit.processor import CreditProcessor
from processors.engine.processor import Emit, Item, Message
from schemas.conversion import ConversionPointer
from schemas.credit import Credits
from tests.integration.credit.world import TENANT, World, processor_database, world_of


class Credit:
    """The processor, and what it published by itself."""

    def __init__(self, processor: CreditProcessor, published: list[Emit]) -> None:
        self.processor = processor
        self.published = published

    async def ask(self, *names: str, rev: int = 1) -> list[Credits]:
        """The credits of these conversions, all acked."""
        batch = pointers(*names, rev=rev)
        result = await self.processor.process(batch)
        await self.processor.acknowledged(batch, result)
        records = [emit.record for emit in (*self.published, *result.emits)]
        return [record for record in records if isinstance(record, Credits)]


def pointers(*names: str, rev: int = 1) -> list[Item]:
    return [
        Item(
            Message("conversions.v1", 0, offset, 0, b"acme|c", b""),
            ConversionPointer(tenant_id=TENANT, conversion_id=name, rev=rev),
        )
        for offset, name in enumerate(names)
    ]


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with world_of(database) as made:
        await made.tenant()
        yield made


@pytest.fixture
async def credit(database: str) -> AsyncIterator[Credit]:
    published: list[Emit] = []

    async def publish(emits: Sequence[Emit]) -> None:
        published.extend(emits)

    async with processor_database(database) as db:
        processor = CreditProcessor(db=db, publish=publish)
        await processor.start()
        yield Credit(processor, published)
