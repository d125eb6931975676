"""JSON nested deeper than anybody reads: refused at every door, by whatever way it came in."""

import asyncio
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from tests.unit.gateway import shop, stores, vendors
from tests.unit.gateway.asking import BROWSER, SERVER, SHOP, Answer, Gateway
from tests.unit.gateway.bad_input import ORDER as API_ORDER
from tests.unit.gateway.bad_input import deep
from tests.unit.gateway.test_segment import ORDER, TRACK

DEEPEST = 1_020
"""About what the parser takes; more than that is no JSON to it."""


def lists(levels: int) -> str:
    return "[" * levels + "]" * levels


def nested(item: dict[str, Any], levels: int = DEEPEST) -> bytes:
    """The item with a field that has so many levels."""
    return orjson.dumps({**item, "zz": 1}).replace(b'"zz":1', f'"zz":{lists(levels)}'.encode())


@pytest.mark.parametrize(
    "topic", ["orders/paid", "refunds/create", "disputes/create", "what/ever", "orders/edited"]
)
async def test_a_webhook_of_shopify_is_refused(topic: str) -> None:
    gateway = Gateway()
    raw = nested(shop.order_webhook())
    said = {"x-shopify-shop-domain": SHOP, "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": shop.signature(raw)}  # fmt: skip

    answer = await gateway.post(f"/api/webhooks/shopify/{topic}", raw, key=None, headers=said)

    refused(gateway, answer)


@pytest.mark.parametrize("sender", list(stores.SIGNERS))
async def test_a_webhook_of_another_shop_is_refused(sender: str) -> None:
    gateway = Gateway()

    refused(
        gateway, await stores.post(gateway, sender, nested({**stores.woo_order(), **API_ORDER}))
    )


@pytest.mark.parametrize("path", list(vendors.SIGNERS))
async def test_a_webhook_of_a_platform_is_refused(path: str) -> None:
    gateway = Gateway()
    raw = nested(vendors.tiktok() if "tiktok" in path else vendors.page())

    answer = await vendors.post(gateway, path, raw)

    assert (answer.status, answer.json["error"]) == (400, "bad_json")
    assert gateway.outlet.rows == []


@pytest.mark.parametrize("key", [SERVER, BROWSER])
@pytest.mark.parametrize(
    "message", [ORDER, TRACK, {**ORDER, "event": "Order Refunded"}, {**TRACK, "messageId": None}]
)
async def test_a_message_of_segments_is_refused(message: dict[str, Any], key: str) -> None:
    gateway = Gateway()

    refused(gateway, await gateway.post("/v1/track", nested(message), key=key))


@pytest.mark.parametrize("path", ["/p.gif", "/v1/pixel.gif", "/r"])
async def test_json_in_a_query_that_has_a_nul_character_is_refused(path: str) -> None:
    gateway = Gateway()
    said = f"key={BROWSER}&visitor_id=v&u={quote('https://shop.example/')}&more=%00"

    refused(gateway, await gateway.get(f"{path}?{said}&contents={lists(DEEPEST)}"))


@pytest.mark.parametrize("levels", [100, 128, 129, 150, 199, 201, 230])
@pytest.mark.parametrize("objects", [True, False])
def test_what_is_kept_as_it_came_can_be_read_from_its_topic(levels: int, objects: bool) -> None:
    async def ask() -> tuple[Gateway, Answer]:
        gateway = Gateway()
        kept = deep(levels) if objects else {"a": orjson.loads(lists(levels - 1))}
        body = {"visitor_id": "v", "event_name": "E", "properties": kept}
        return gateway, await gateway.post("/v1/events", body)

    gateway, answer = asyncio.run(ask())

    if levels <= 128:
        (event,) = gateway.outlet.records("pixel_events.v1")
        assert event.properties
    else:
        assert answer.status == 422
        assert [row["field"] for row in answer.json["rejected"]] == ["properties"]


def refused(gateway: Gateway, answer: Answer) -> None:
    assert answer.status == 422, answer.content
    assert answer.json["rejected"][0]["error"] == "is nested too deeply"
    assert gateway.outlet.rows == []
