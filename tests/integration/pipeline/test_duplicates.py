"""An event that is sent twice under one id reaches each platform once, whichever door it takes."""

import logging
from collections.abc import AsyncIterator

import pytest

from tests.integration.pipeline.shop import Shop, open_shop, taken
from tests.unit.gateway.asking import Gateway

ID = "dedupe_test_1790000000"
PURCHASE = {
    "event_name": "Purchase",
    "event_id": ID,
    "user_data": {"email": "test@example.com"},
    "parameters": {"value": 50},
}


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as made:
        await made.connect("ga4", "meta")
        yield made


async def test_the_second_of_two_events_with_one_id_is_told_to_no_platform(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = Gateway()
    for path, body in (
        ("/api/v1/capi/events/stream", PURCHASE),
        ("/api/v1/capi/events/stream", PURCHASE),
        ("/api/v1/capi/events/batch", {"events": [PURCHASE, PURCHASE]}),
    ):
        answer = await gateway.post(path, body)
        assert answer.status == 200, answer.content
    first, *others = taken(gateway)
    await shop.feed([first])
    with caplog.at_level(logging.INFO):
        await shop.feed(others)

    told = [(each.platform, each.event_id) for p in ("ga4", "meta") for each in shop.deliveries(p)]
    assert told == [("ga4", ID), ("meta", ID)]
    assert "Duplicate event detected" in caplog.text
