"""Summary beside its floor: the same statements with the same arguments, with no logic between.

Two stages: conversions that are new, and conversions whose credit changed. `run(dsn)` needs a
fresh, migrated database.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from processors.credit.processor import CreditProcessor
from processors.engine.codec import decode, encode, key
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Message
from processors.engine.progress import Progress
from processors.summary.processor import SummaryProcessor
from schemas.credit import Credits
from tests.bench.credit import BATCH, pointers
from tests.bench.floors import Recorder, measured, replay
from tests.bench.shop import TENANT, seed

CONVERSIONS: Final = 5_000
CLEAR: Final = (
    "TRUNCATE credit_rows, credit_applied, summary_cells, journeys, journey_cells,"
    " consumed_offsets, outcome_counts"
)

Encoded = list[list[Message]]


async def credits_of(db: Database, ids: Sequence[str], tenant: str = TENANT) -> list[Credits]:
    """What credit says of them."""
    emits: list[Emit] = []

    async def publish(early: Sequence[Emit]) -> None:
        emits.extend(early)

    processor = CreditProcessor(db=db, publish=publish)
    for batch in pointers(ids, tenant):
        emits += (await processor.process(batch)).emits
    return [emit.record for emit in emits if isinstance(emit.record, Credits)]


def encoded(records: Sequence[Credits], *, first_offset: int) -> Encoded:
    """The records as messages of one partition, in batches."""
    messages = [
        Message(
            "credits.v1",
            0,
            first_offset + n,
            record.converted_at,
            key("credits.v1", record),
            encode(record),
        )
        for n, record in enumerate(records)
    ]
    return [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]


def restated(record: Credits) -> Credits:
    """The same journey under another reading of its channels: every cell changes."""
    touches = tuple(
        touch.model_copy(update={"channel": "other", "platform": "other"})
        for touch in record.touches
    )
    return record.model_copy(update={"rev": record.rev + 1, "touches": touches})


async def apply(db: Database, batches: Encoded) -> None:
    """Decode and process, as the engine does."""
    processor = SummaryProcessor(db=db, progress=Progress("summary"))
    for batch in batches:
        await processor.process([decode(message) for message in batch])


async def run(dsn: str, *, conversions: int = CONVERSIONS) -> list[dict[str, Any]]:
    """Two rows: conversions a second, with five touches each."""
    ids = await seed(dsn, conversions)
    db = await Database.connect(dsn, role="attributary_processor", application_name="bench")
    operator = await asyncpg.connect(dsn)
    try:
        records = await credits_of(db, ids)
        new = encoded(records, first_offset=0)
        changed = encoded([restated(r) for r in records], first_offset=len(records))

        async def clear() -> None:
            await operator.execute(CLEAR)

        async def clear_and_fill() -> None:
            await clear()
            await apply(db, new)

        return [
            await _beside_its_floor("summary, new", db, new, before_each=clear),
            await _beside_its_floor("summary, restated", db, changed, before_each=clear_and_fill),
        ]
    finally:
        await operator.close()
        await db.close()


async def _beside_its_floor(
    stage: str, db: Database, batches: Encoded, *, before_each: Any
) -> dict[str, Any]:
    await before_each()
    recorder = Recorder(db)
    await apply(recorder, batches)

    async def work() -> None:
        await apply(db, batches)

    async def floor() -> None:
        for transaction in recorder.transactions:
            await replay(db, transaction)

    count = sum(len(batch) for batch in batches)
    return await measured(stage, count, work=work, floor=floor, before_each=before_each)
