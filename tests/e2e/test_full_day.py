"""A full day, replayed and rebuilt: the same tables to the row, and no platform hears of it."""

import asyncio
import logging

import pytest

from deploy.demo.day import day
from processors.engine.clock import wall_clock
from tests.e2e import witness
from tests.e2e.stack import Stack
from tests.oracle.differences import diff, fingerprint

log = logging.getLogger(__name__)

pytestmark = pytest.mark.heavy

PLAYED = (
    "touchpoints", "identity_links", "conversions", "orders", "results", "summary_cells",
    "channel_summary", "channel_summary_cash", "campaign_summary", "spend", "pixel_events",
    "deliveries",
)  # fmt: skip
"""What the demo's day brings; answers to surveys and uploads it has none."""


@pytest.fixture(scope="module")
def played(pairs: Stack) -> Stack:
    """The day of the demo, drained."""

    async def play() -> None:
        told = day(seed=1, now=wall_clock(), scale=1.0)
        await pairs.play((*told.requests, *told.closing))
        await pairs.drain()

    asyncio.run(play())
    return pairs


@pytest.mark.parametrize("order", [("replay", "log"), ("rebuild", "--wipe")])
async def test_the_log_read_again_gives_the_same_rows(
    played: Stack, order: tuple[str, ...]
) -> None:
    before, counted = await witness.tables(played), await witness.accepted(played)
    sizes = {name: len(rows) for name, rows in before.tables.items()}
    assert min(sizes[name] for name in PLAYED) > 0, sizes

    played.stop_processors()
    played.must(*order)
    played.start_processors()
    await played.drain()

    after = await witness.tables(played)
    log.info("%s: %s, counted by the platforms: %d", " ".join(order), sizes, counted.counted)
    assert diff(before, after) == []
    assert fingerprint(before) == fingerprint(after)
    assert await witness.accepted(played) == counted
    assert await witness.verdict(played) == []
