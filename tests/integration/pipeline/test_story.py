"""The demo's story through the gateway's handlers and the pipeline: what each of the three events
does to the credit of every channel, and that the oracle says the same."""

import random
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

import asyncpg
import orjson
from rich.console import Console

from deploy.demo import story_report
from deploy.demo.lines import Request
from deploy.demo.story import story
from processors.engine.postgres import Database
from processors.engine.sealing import KEY_BYTES, Sealer
from processors.gateway import routes
from processors.gateway.door import Door
from processors.gateway.handling import handle
from processors.gateway.registry import find
from schemas.envelope import Frozen
from schemas.topics import TOPICS
from tests.integration.pipeline.races import judge
from tests.support.pipeline import NOW, Pipeline

assert routes.__all__
SEALER: Final = Sealer(bytes(range(KEY_BYTES)))


def records(requests: Iterable[Request]) -> Sequence[tuple[str, Frozen]]:
    """What the gateway makes of them."""
    found: list[tuple[str, Frozen]] = []
    for request in requests:
        route = find(request.path)
        assert route is not None
        entry, topic = route
        door = Door(tenant=request.tenant, server=True, received_at=NOW, sealer=SEALER, topic=topic)
        said = orjson.loads(request.body)
        for accepted in handle(entry, said if isinstance(said, list) else [said], door).accepted:
            raw = accepted.raw
            found.append((raw.topic, TOPICS[raw.topic].model.model_validate_json(raw.value or b"")))
    return found


COVERAGE: Final = """
SELECT record, sum(records), sum(with_visitor), sum(with_customer), sum(with_email), sum(with_fbp)
FROM identity_coverage GROUP BY record ORDER BY record"""


async def test_a_refund_a_late_touch_and_a_merge_change_the_credit_as_told(database: str) -> None:
    told = story(now=NOW, run="1")
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ($1)", told.tenant)
    await operator.close()
    db = await Database.connect(database, application_name="test", max_size=4)
    console, rng = Console(file=StringIO(), record=True, width=200), random.Random(1)
    try:
        pipeline, log = Pipeline(db), list(records(told.before))
        await pipeline.feed(log)
        await pipeline.drain(rng)
        before = await story_report.explained(console, db, told)
        later = records(request for _, request in told.after)
        await pipeline.feed(later)
        await pipeline.drain(rng)
        after = await story_report.explained(console, db, told)
    finally:
        await db.close()
    assert list(story_report.differences(before, after)) == [
        "affiliate: credit 0.000 -> 0.250, revenue 0.00 -> 25.00",
        "email: credit 0.500 -> 0.250, revenue 60.00 -> 25.00",
        "paid_search: credit 0.500 -> 0.250, revenue 60.00 -> 25.00",
        "paid_video: credit 0.000 -> 0.250, revenue 0.00 -> 25.00",
        "together: 120.00 -> 100.00",
    ]
    assert await judge(database, [*log, *later]) == []
    operator = await asyncpg.connect(database)
    coverage = [tuple(row) for row in await operator.fetch(COVERAGE)]
    await operator.close()
    assert coverage == [
        ("event", 1, 1, 1, 1, 0),
        ("order", 1, 1, 1, 1, 0),
        ("touch", 5, 5, 0, 0, 0),
    ]
    text = console.export_text()
    for word in ("touches that came after the order: 1", "partially_refunded", "pixel_events.v1"):
        assert word in text
