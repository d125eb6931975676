"""Shopify's webhooks: who may send them, and what they become."""

from typing import Any

import orjson
import pytest

from processors.domain.hashing import email_hash, phone_hash
from processors.gateway.directory import Source
from tests.unit.gateway.asking import NOW, OLD_SECRET, SECRET, SHOP, Gateway
from tests.unit.gateway.shop import (
    BIG,
    dispute_webhook,
    edit_webhook,
    envelope,
    order_webhook,
    post_webhook,
    refund_webhook,
    signature,
)

HOUR = 3_600_000


@pytest.mark.parametrize("family", ["x-shopify-", "shopify-", "X-Shopify-"])
async def test_both_families_of_headers_are_read(family: str) -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "orders/paid", order_webhook(), family=family)

    assert answer.status == 200
    assert len(gateway.outlet.records("orders.v1")) == 1


@pytest.mark.parametrize(
    ("secret", "rotated_ms_ago", "status"),
    [
        (SECRET, None, 200),
        (SECRET, 10 * HOUR, 200),
        (OLD_SECRET, HOUR - 1_000, 200),
        (OLD_SECRET, HOUR + 1_000, 401),
        (OLD_SECRET, None, 401),
        (b"another secret", 0, 401),
        (b"", 0, 401),
    ],
)
async def test_the_old_secret_signs_for_an_hour_after_a_rotation(
    secret: bytes, rotated_ms_ago: int | None, status: int
) -> None:
    gateway = Gateway()
    at = None if rotated_ms_ago is None else NOW - rotated_ms_ago
    gateway.directory.snapshot.sources["shopify", SHOP] = Source("demo", SECRET, OLD_SECRET, at)

    answer = await post_webhook(gateway, "orders/paid", order_webhook(), secret=secret)

    assert answer.status == status
    assert bool(gateway.outlet.rows) == (status == 200)


async def test_the_signature_is_of_the_raw_bytes() -> None:
    gateway = Gateway()
    body = b' {"id": 5,  "total_price": "1.00", "currency": "USD"}\n'
    headers = {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": signature(body)}
    path = "/api/webhooks/shopify/orders/paid"

    good = await gateway.post(path, body, key=None, headers=headers)
    other = await gateway.post(path, orjson.dumps(orjson.loads(body)), key=None, headers=headers)
    unsigned = await gateway.post(path, body, key="a-server-key")

    assert [good.status, other.status, unsigned.status] == [200, 401, 401]


async def test_an_unknown_shop_is_a_stranger() -> None:
    answer = await post_webhook(Gateway(), "orders/paid", {}, shop="other.myshopify.example")

    assert answer.status == 401


async def test_an_order_keeps_its_exact_id_money_times_and_ids() -> None:
    gateway = Gateway()

    await post_webhook(gateway, "orders/paid", order_webhook())
    (order,) = gateway.outlet.records("orders.v1")

    assert (order.source, order.order_id, order.status, order.test) == (
        "shopify", str(BIG), "paid", False,
    )  # fmt: skip
    assert (order.gross, order.currency, order.checkout_id) == (12_990, "USD", "tok-1")
    assert order.ordered_at == 1_788_278_400_000
    assert order.updated_at == 1_788_278_405_000
    assert (order.visitor_id, order.session_id) == ("visitor-1", "session-1")
    ids = order.identifiers
    assert ids.customer_id == "115310627314723954"
    assert ids.email_sha256 == email_hash("mary.doe@example.com")
    assert ids.phone_sha256 == phone_hash("+14155550100")
    assert (ids.fbp, ids.external_id) == ("fb.1.1596403881668.1116446470", "external-1")
    assert ids.ga4_client_id == "111.222"
    assert order.marketing.fbclid == "IwAR1"
    assert order.browser.ip == "203.0.113.7"
    assert "mary" not in (order.browser.url or "")
    assert [(c.product_id, c.quantity, c.price) for c in order.line_items] == [
        ("9", 2, 6_495), ("gift", 1, 0),
    ]  # fmt: skip
    assert order.discount_codes == ("TEN",)
    assert {"em", "ph", "fn", "ln", "ct", "st", "zp", "country"} <= order.user_data.hashed.keys()
    assert order.user_data.sealed


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({"landing_site": "/hats?size=7"}, f"https://{SHOP}/hats?size=7"),
        (
            {"landing_site": "/hats", "order_status_url": "https://shop.example/1/orders/ab?key=k"},
            "https://shop.example/hats",
        ),
        ({"landing_site": "https://shop.example/hats"}, "https://shop.example/hats"),
        ({"landing_site": "//elsewhere.example/"}, "//elsewhere.example/"),
        ({"landing_site": "/hats", "order_status_url": 7}, f"https://{SHOP}/hats"),
        ({"landing_site": None}, None),
    ],
)
async def test_the_landing_page_of_an_order_is_of_its_shop(
    changes: dict[str, Any], page: str | None
) -> None:
    gateway = Gateway()

    await post_webhook(gateway, "orders/paid", order_webhook(**changes))

    assert gateway.outlet.records("orders.v1")[0].browser.url == page


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"financial_status": "refunded"}, "refunded"),
        ({"financial_status": "partially_refunded"}, "partially_refunded"),
        ({"financial_status": "pending"}, "pending"),
        ({"financial_status": "voided"}, "cancelled"),
        ({"cancelled_at": "2026-09-02T00:00:00Z"}, "cancelled"),
        ({"financial_status": "something new"}, None),
        ({"financial_status": []}, None),
    ],
)
async def test_a_status_is_ours(changes: dict[str, Any], status: str | None) -> None:
    gateway = Gateway()

    await post_webhook(gateway, "orders/updated", order_webhook(**changes))

    assert gateway.outlet.records("orders.v1")[0].status == status


async def test_a_refund_is_what_was_paid_back_and_else_the_value_of_its_lines() -> None:
    gateway = Gateway()
    lines = [
        {"subtotal": 20.0, "total_tax": "1.50",
         "subtotal_set": {"shop_money": {"amount": "20.00", "currency_code": "USD"}}},
    ]  # fmt: skip
    unpaid = refund_webhook(transactions=[], refund_line_items=lines, id=2)

    await post_webhook(gateway, "refunds/create", refund_webhook())
    await post_webhook(gateway, "refunds/create", unpaid)
    await post_webhook(gateway, "orders/updated", order_webhook(refunds=[refund_webhook()]))
    paid, valued, whole = gateway.outlet.records("orders.v1")

    assert [(r.refund_id, r.amount) for r in paid.refunds] == [("509562969", 2_990)]
    assert [(r.refund_id, r.amount) for r in valued.refunds] == [("2", 2_150)]
    assert whole.refunds == paid.refunds
    assert (paid.order_id, paid.gross, paid.status) == (str(BIG), None, None)


async def test_a_refund_paid_in_the_buyers_currency_is_worth_what_the_shop_says() -> None:
    gateway = Gateway()
    euros = [{"kind": "refund", "status": "success", "amount": "28.10", "currency": "EUR"}]
    refund = refund_webhook(
        transactions=euros,
        refund_line_items=[
            {"subtotal": 20.0, "total_tax": "1.50",
             "subtotal_set": {"shop_money": {"amount": "20.00", "currency_code": "USD"},
                              "presentment_money": {"amount": "18.73", "currency_code": "EUR"}}},
        ],
        order_adjustments=[
            {"kind": "shipping_refund", "amount": "-8.00", "tax_amount": "-0.40",
             "amount_set": {"shop_money": {"amount": "-8.00", "currency_code": "USD"}}},
        ],
    )  # fmt: skip

    await post_webhook(gateway, "refunds/create", refund)
    await post_webhook(gateway, "orders/updated", order_webhook(refunds=[refund]))
    alone, whole = gateway.outlet.records("orders.v1")

    assert alone.currency == whole.currency == "USD"
    assert [r.amount for r in alone.refunds] == [r.amount for r in whole.refunds] == [2_990]


async def test_an_edit_says_that_an_order_has_changed_and_nothing_of_its_money() -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "orders/edited", edit_webhook())
    (record,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert "filtered" not in answer.json
    assert (record.order_id, record.unknown_topic) == (str(BIG), None)
    assert (record.gross, record.currency, record.status) == (None, None, None)
    assert record.updated_at == 1_788_354_004_000
    assert "hat" not in record.model_dump_json()


@pytest.mark.parametrize(
    ("changes", "dispute"),
    [
        ({}, ("open", None)),
        ({"status": "needs_response"}, ("open", None)),
        ({"status": "something new"}, ("open", None)),
        ({"status": None}, ("open", None)),
        ({"status": "won", "finalized_on": "2026-09-19T19:00:00Z"}, ("won", 1_789_844_400_000)),
        ({"status": "lost", "finalized_on": "2026-09-19"}, ("lost", 1_789_776_000_000)),
        ({"status": "accepted"}, ("lost", None)),
        ({"status": "charge_refunded"}, ("won", None)),
        ({"type": "inquiry"}, None),
    ],
)
async def test_a_dispute_is_a_fact_of_its_order(
    changes: dict[str, Any], dispute: tuple[str, int | None] | None
) -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "disputes/update", dispute_webhook(**changes))
    (record,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert "filtered" not in answer.json
    assert (record.order_id, record.status, record.gross) == (str(BIG), None, None)
    told = [(d.status, d.decided_at) for d in record.disputes]
    assert told == ([] if dispute is None else [dispute])
    assert all(d.dispute_id == "285332461850802050" for d in record.disputes)


async def test_a_dispute_of_no_order_is_kept_and_filtered() -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "disputes/create", dispute_webhook(order_id=None))
    (record,) = gateway.outlet.records("orders.v1")

    assert (answer.status, record.unknown_topic) == (200, "disputes/create")


async def test_a_currency_that_is_none_is_refused_by_name() -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "orders/paid", order_webhook(currency="XQX"))

    assert answer.status == 422
    assert [row["field"] for row in answer.json["rejected"]] == ["currency"]
    assert gateway.outlet.rows == []


async def test_a_redelivery_is_the_same_snapshot() -> None:
    gateway = Gateway()

    for _ in range(2):
        await post_webhook(gateway, "orders/paid", order_webhook())
    first, second = gateway.outlet.records("orders.v1")

    assert first == second


async def test_a_buyer_without_approved_data_is_still_an_order() -> None:
    gateway = Gateway()
    bare = order_webhook(
        customer=None, email=None, billing_address=None, note_attributes=None,
        client_details=None, browser_ip=None, landing_site=None, line_items=None,
    )  # fmt: skip

    answer = await post_webhook(gateway, "orders/paid", bare)
    (order,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert order.gross == 12_990
    assert order.visitor_id is None


async def test_a_junk_visitor_is_dropped_and_nul_does_not_stop_an_order() -> None:
    gateway = Gateway()
    notes = [{"name": "visitor_id", "value": "visitor_unknown"}]

    answer = await post_webhook(
        gateway, "orders/paid", order_webhook(note_attributes=notes, note="a\0b", email="a\0")
    )
    (order,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert order.visitor_id is None
    assert order.junk_ids >= 1


async def test_an_unknown_topic_is_kept_and_answered_so_that_shopify_does_not_repeat_it() -> None:
    gateway = Gateway()

    answer = await post_webhook(gateway, "themes/publish", {"id": 1, "email": "a@example.com"})
    (record,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert answer.json["filtered"] == "unknown_topic"
    assert record.unknown_topic == "themes/publish"
    assert record.user_data.sealed is not None
    assert "a@example.com" not in record.model_dump_json()


async def test_the_pixel_envelope_is_an_event_of_the_checkout() -> None:
    gateway = Gateway()

    answer = await gateway.post("/api/events/checkout?key=a-browser-key", envelope(), key=None)
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert answer.status == 200
    assert (event.event_id, event.event_name, event.source) == ("sh-1", "Purchase", "checkout")
    assert (event.order_id, event.order_source) == (str(BIG), "shopify")
    assert (event.checkout_id, event.visitor_id) == ("tok-1", "visitor-1")
    assert (event.value, event.currency) == (12_990, "USD")
    assert event.identifiers.customer_id == "5"
    assert event.identifiers.fbp == "fb.1.2.3"
    assert event.browser.ip == "203.0.113.9"
    assert event.contents[0].product_id == "9"
    assert event.user_data.hashed["em"] == email_hash("mary.doe@example.com")


async def test_the_pixel_tells_of_products_and_of_what_it_finds_in_the_browser() -> None:
    gateway = Gateway()
    item = {
        "id": "sh-2",
        "name": "product_added_to_cart",
        "clientId": "client-1",
        "data": {"cartLine": {
            "merchandise": {"id": "gid://shopify/ProductVariant/9", "sku": "sku-1",
                            "price": {"amount": 64.95, "currencyCode": "EUR"},
                            "product": {"title": "Hat"}},
            "quantity": 2,
            "cost": {"totalAmount": {"amount": 129.9, "currencyCode": "EUR"}},
        }},
        "attributes": [{"key": "_attributary_visitor_id", "value": "visitor-9"}, None],
    }  # fmt: skip
    odd = {**item, "id": "sh-3", "data": {"cart": {"lines": [7, {}], "cost": "none"}}}

    await gateway.post("/api/events/checkout", [item, odd], key="a-browser-key")
    added, empty = gateway.outlet.records("pixel_events.v1")

    assert (added.event_name, added.visitor_id) == ("AddToCart", "visitor-9")
    assert (added.value, added.currency) == (12_990, "EUR")
    (line,) = added.contents
    assert (line.product_id, line.title, line.quantity, line.price) == ("9", "Hat", 2, 6_495)
    assert empty.value is None


async def test_a_flat_checkout_event_takes_cart_attributes_in_any_spelling() -> None:
    gateway = Gateway()
    item = {
        "event_name": "checkout_started",
        "_Visitor_ID": "visitor-1",
        "_ga4_client_id": "111.222",
        "GA4_SESSION_ID": 17,
        "_meta_fbp": "fb.1.2.3",
        "meta_fbc": "fb.1.2.4",
        "_META_external_id": "external-1",
        "checkout_token": "tok-1",
        "email": "mary.doe@example.com",
        "_gclid": "Cj0",
    }

    await gateway.post("/api/events/checkout", item, key="a-browser-key")
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert event.event_name == "InitiateCheckout"
    ids = event.identifiers
    assert (ids.ga4_client_id, ids.ga4_session_id) == ("111.222", "17")
    assert (ids.fbp, ids.fbc, ids.external_id) == ("fb.1.2.3", "fb.1.2.4", "external-1")
    assert ids.email_sha256 == email_hash("mary.doe@example.com")
    assert (event.visitor_id, event.checkout_id) == ("visitor-1", "tok-1")
    assert event.marketing.gclid == "Cj0"
