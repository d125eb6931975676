"""An upload that names its destination is told there alone, from the door to the topics."""

import random
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from tests.integration.pipeline.shop import Entry, Shop, open_shop, taken
from tests.unit.gateway.asking import Gateway

UPLOAD = "/api/v1/audit/offline-conversions/upload"
CSV = {"content-type": "text/csv"}
HEAD = "order_id,occurred_at,value,currency,status,refunded_amount,updated_at\n"
PLATFORMS = ("ga4", "meta")


class Till:
    """Uploads of one order, each later than the one before."""

    def __init__(self, folder: Path) -> None:
        self._gateway = Gateway(spool_dir=folder)
        self._numbers = count(1)

    async def says(
        self, order: str, platform: str = "", *, status: str = "paid", refunded: str = ""
    ) -> list[Entry]:
        at = f"2026-09-02T10:00:{next(self._numbers):02}Z"
        row = f"{order},2026-09-01T10:00:00Z,50.00,EUR,{status},{refunded},{at}\n"
        query = f"?platform={platform}" if platform else ""
        answer = await self._gateway.post(UPLOAD + query, (HEAD + row).encode(), headers=CSV)
        assert answer.status == 200, answer.content
        return taken(self._gateway)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as made:
        await made.connect(*PLATFORMS)
        yield made


@pytest.fixture
def till(tmp_path: Path) -> Till:
    return Till(tmp_path)


def told(shop: Shop) -> dict[str, list[tuple[str | None, str]]]:
    """(order, kind) by platform, in order."""
    return {
        platform: sorted((each.order_id, each.kind) for each in shop.deliveries(platform))
        for platform in PLATFORMS
    }


async def test_an_upload_that_names_a_platform_is_told_to_it_alone_and_so_is_its_refund(
    shop: Shop, till: Till
) -> None:
    await shop.feed(await till.says("a", "ga4") + await till.says("b"))
    both = [("a", "event"), ("b", "event")]
    assert told(shop) == {"ga4": both, "meta": [("b", "event")]}
    await shop.feed(await till.says("a", "ga4", status="partially_refunded", refunded="20"))
    assert told(shop) == {
        "ga4": [("a", "event"), ("a", "refund"), ("b", "event")],
        "meta": [("b", "event")],
    }


async def test_an_upload_that_names_another_platform_later_changes_nothing_for_who_heard_before(
    shop: Shop, till: Till
) -> None:
    await shop.feed(await till.says("a", "ga4"))
    await shop.feed(await till.says("a", "meta"))
    assert told(shop) == {"ga4": [("a", "event")], "meta": []}
    await shop.feed(await till.says("a", "meta", status="refunded", refunded="50"))
    assert told(shop) == {"ga4": [("a", "event"), ("a", "refund")], "meta": []}


async def test_an_order_whose_uploads_name_different_platforms_is_told_nowhere(
    shop: Shop, till: Till
) -> None:
    await shop.feed(await till.says("a", "ga4") + await till.says("a", "meta"))
    assert told(shop) == {"ga4": [], "meta": []}


@pytest.mark.parametrize("seed", range(4))
async def test_in_whatever_order_uploads_come_what_the_oracle_demands_is_told(
    seed: int, shop: Shop, till: Till
) -> None:
    rng = random.Random(seed)
    log = [
        entry
        for _ in range(12)
        for entry in await till.says(rng.choice("abcde"), rng.choice(["", "", *PLATFORMS]))
    ]
    rng.shuffle(log)
    while log:
        size = rng.randint(1, 4)
        await shop.feed(log[:size])
        log = log[size:]
    oracle = shop.oracle(*PLATFORMS)
    for platform in PLATFORMS:
        must = {name for _, own, name in oracle["deliveries"] if own == platform}
        may = {name for _, own, name in oracle.deliveries_may if own == platform}
        found = [each.event_id for each in shop.deliveries(platform)]
        assert must <= set(found) <= may
        assert len(found) == len(set(found))
