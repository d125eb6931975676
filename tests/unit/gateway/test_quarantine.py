"""What the door refuses is kept for the operator: by kind and field, without people, bounded."""

from base64 import b64decode
from typing import Any

import orjson
import pytest

from processors.gateway.allowance import Allowance
from processors.gateway.quarantine import TOPIC, preview
from tests.unit.gateway.asking import BROWSER, NOW, Gateway
from tests.unit.gateway.shop import order_webhook, post_webhook

BAD = {
    "visitor_id": "v1",
    "occurred_at": "yesterday",
    "ip": "203.0.113.7",
    "properties": {"note": "call +14155550100"},
    "identifiers": {"email": "mary.doe@example.com", "customer_id": "c1"},
}


async def kept(gateway: Gateway) -> list[Any]:
    """The refusals, each as a consumer reads it."""
    found = gateway.kept.records(TOPIC)
    assert len(found) == len(gateway.kept.rows)
    return found


async def test_a_refused_item_is_kept_with_its_field_and_whole_under_seal() -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", [{"visitor_id": "v"}, BAD], key=BROWSER)

    (item,) = await kept(gateway)
    assert (item.kind, item.field, item.index) == ("schema", "occurred_at", 1)
    assert (item.route, item.key_kind, item.received_at) == ("/v1/touchpoints", "browser", NOW)
    assert orjson.loads(gateway.sealer.open("demo", item.sealed)["item"]) == BAD
    assert len(gateway.outlet.rows) == 1


async def test_what_is_shown_of_it_has_no_personal_details() -> None:
    gateway = Gateway()
    await gateway.post("/v1/touchpoints", [BAD, {"visitor_id": 1.5, "mary.doe@example.com": 1}])

    for row in gateway.kept.rows:
        value = row.raw.value or b""
        for personal in (b"mary.doe", b"4155550100", b"203.0.113.7"):
            assert personal not in value
    shown = orjson.loads((await kept(gateway))[0].preview)
    assert shown["identifiers"] == ["customer_id", "email"]
    assert shown["occurred_at"] == "yesterday"


def test_what_is_shown_is_cut_off() -> None:
    assert len(preview(orjson.dumps({"a": "x" * 5_000})) or "") == 1_000
    assert preview(orjson.dumps({"a": "x" * 100_000})) is None


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (b"{", {}, "json"),
        (b"5", {}, "shape"),
        (b"[]", {}, "shape"),
        (b"x", {"content-encoding": "zstd"}, "encoding"),
        (b"x", {"content-encoding": "gzip, br"}, "encoding"),
        (b"[" + b" " * 5_300_000 + b"]", {}, "size"),
        (orjson.dumps([{}] * 1_001), {}, "size"),
    ],
)
async def test_a_body_that_cannot_be_read_is_kept_by_its_kind(
    body: bytes, headers: dict[str, str], kind: str
) -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", body, headers=headers)

    (item,) = await kept(gateway)
    assert (item.kind, item.index, item.preview) == (kind, None, None)
    if kind != "size":
        assert b64decode(gateway.sealer.open("demo", item.sealed)["body"]) == body


async def test_of_a_forged_webhook_nothing_is_kept_but_that_it_came() -> None:
    gateway = Gateway()

    await post_webhook(gateway, "orders/paid", orjson.dumps(order_webhook()), secret=b"wrong")

    (item,) = await kept(gateway)
    assert (item.kind, item.key_kind, item.sealed) == ("signature", "webhook", None)


async def test_a_stranger_leaves_nothing() -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", b"{", key="unknown")

    assert gateway.kept.rows == []


async def test_an_item_that_is_very_large_is_only_told_of() -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", {"properties": {"a": "x" * 40_000}})

    (item,) = await kept(gateway)
    assert (item.sealed, item.size_bytes > 40_000) == (None, True)


async def test_a_flood_of_junk_is_bounded_and_counted() -> None:
    gateway = Gateway(quarantine_burst_items=20)

    for _ in range(3):
        await gateway.post("/v1/touchpoints", [{}] * 1_000)
    metrics = (await gateway.get("/metrics")).content

    assert len(await kept(gateway)) == 20
    assert b'attributary_refused_items_total{kept="yes",kind="schema"} 20.0' in metrics
    assert b'attributary_refused_items_total{kept="no",kind="schema"} 2980.0' in metrics


def test_what_was_too_many_is_said_by_the_next_one_that_is_kept() -> None:
    allowance = Allowance(per_second=2, burst=3, now=NOW)

    assert allowance.take(10, NOW) == 3
    assert allowance.settle() == 7
    assert allowance.take(1, NOW + 400) == 0
    assert allowance.take(1, NOW + 500) == 1
    assert allowance.settle() == 1
    assert allowance.take(10, NOW + 3_600_000) == 3


async def test_what_was_taken_leaves_nothing_here() -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", [{"visitor_id": f"v{n}"} for n in range(50)])

    assert gateway.kept.rows == []
