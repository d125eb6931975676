"""Credit beside its floor: the same reads and the same bytes produced, with no logic between.

`run(dsn)` needs a fresh, migrated database; with a broker both sides produce for real.
"""

import itertools
from collections.abc import Sequence
from typing import Any, Final

from processors.credit.processor import CreditProcessor
from processors.engine.codec import encode, key
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Item, Message
from schemas.conversion import ConversionPointer
from tests.bench.floors import Recorder, Transaction, measured, replay
from tests.bench.sending import Send, sending
from tests.bench.shop import TENANT, seed

CONVERSIONS: Final = 5_000
BATCH: Final = 1_000


def pointers(ids: Sequence[str], tenant: str = TENANT) -> list[list[Item]]:
    """A pointer a conversion, in batches."""
    items = [
        Item(
            Message("conversions.v1", 0, offset, 0, f"{tenant}|{own}".encode(), b""),
            ConversionPointer(tenant_id=tenant, conversion_id=own, rev=1),
        )
        for offset, own in enumerate(ids)
    ]
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


class Stage:
    """Credit as the engine runs it: process, encode, produce."""

    def __init__(self, db: Database, send: Send, batches: list[list[Item]]) -> None:
        self._db = db
        self._send = send
        self._batches = batches
        self.sent: list[list[tuple[bytes, bytes]]] = []

    async def run(self) -> None:
        """All batches, as after a start."""
        await self._all(self._db)

    async def recorded(self) -> list[Transaction]:
        """One run that keeps what it sent to either side."""
        recorder = Recorder(self._db)
        self.sent = await self._all(recorder)
        return recorder.transactions

    async def _all(self, db: Database) -> list[list[tuple[bytes, bytes]]]:
        published: list[Emit] = []

        async def publish(emits: Sequence[Emit]) -> None:
            published.extend(emits)

        processor = CreditProcessor(db=db, publish=publish)
        await processor.start()
        sent = []
        for batch in self._batches:
            result = await processor.process(batch)
            emits = [*published, *result.emits]
            published.clear()
            pairs = [(key(emit.topic, emit.record), encode(emit.record)) for emit in emits]
            await self._send(pairs)
            await processor.acknowledged(batch, result)
            sent.append(pairs)
        return sent


async def run(
    dsn: str, bootstrap: str | None = None, *, conversions: int = CONVERSIONS
) -> list[dict[str, Any]]:
    """One row: conversions a second, with five touches each."""
    ids = await seed(dsn, conversions)
    db = await Database.connect(dsn, role="attributary_processor", application_name="bench")
    try:
        async with sending(bootstrap) as send:
            stage = Stage(db, send, pointers(ids))
            transactions = await stage.recorded()

            async def floor() -> None:
                for own, pairs in itertools.zip_longest(transactions, stage.sent, fillvalue=None):
                    if own is not None:
                        await replay(db, own)
                    if pairs is not None:
                        await send(pairs)

            row = await measured(
                "credit", conversions, work=stage.run, floor=floor, before_each=_nothing
            )
            return [row]
    finally:
        await db.close()


async def _nothing() -> None:
    """Credit writes nothing, so there is nothing to clear away."""
