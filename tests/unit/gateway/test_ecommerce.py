"""Webhooks of other shops: who may send them, and what they become."""

import base64
from typing import Any

import orjson
import pytest

from processors.domain.hashing import email_hash, phone_hash
from processors.gateway.directory import Source
from tests.unit.gateway.asking import ACCOUNTS, NOW, OLD_SECRET, SECRET, Gateway
from tests.unit.gateway.stores import (
    PATH,
    SIGNERS,
    bigcommerce_event,
    bigcommerce_order,
    post,
    woo_headers,
    woo_order,
)

NEUTRAL: dict[str, Any] = {
    "order_id": "T-1", "ordered_at": "2026-09-01T12:00:00Z", "revenue": "19.90", "currency": "EUR",
    "visitor_id": "visitor-1",
}  # fmt: skip
BODIES = {"woocommerce": woo_order(), "bigcommerce": bigcommerce_event(), "ecommerce": NEUTRAL}
every_sender = pytest.mark.parametrize("sender", list(BODIES))


@every_sender
async def test_a_signed_order_is_taken_under_its_own_source(sender: str) -> None:
    gateway = Gateway()

    answer = await post(gateway, sender, BODIES[sender])
    (order,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert answer.json["accepted"] == 1
    assert "filtered" not in answer.json
    assert (order.tenant_id, order.source) == ("demo", sender)


@every_sender
async def test_another_secret_another_body_and_no_signature_are_strangers(sender: str) -> None:
    gateway = Gateway()
    raw = orjson.dumps(BODIES[sender])
    good = SIGNERS[sender](raw)
    unsigned = {name: value for name, value in good.items() if "signature" not in name.lower()}

    answers = [
        await post(gateway, sender, raw, secret=b"another secret"),
        await post(gateway, sender, raw, secret=b""),
        await gateway.post(PATH, raw + b" ", key=None, headers=good),
        await gateway.post(PATH, raw, key=None, headers=unsigned),
        await gateway.post(PATH, b"not json", key=None, headers=good),
        await gateway.post(PATH, raw, key=None),
        await gateway.post(PATH, raw, key="a-server-key"),
    ]

    assert [answer.status for answer in answers] == [401] * 7
    assert gateway.outlet.rows == []


@every_sender
async def test_an_account_that_nobody_has_is_a_stranger(sender: str) -> None:
    where = "source" if sender == "woocommerce" else "account"

    answer = await post(Gateway(), sender, BODIES[sender], **{where: "other.example.com"})

    assert answer.status == 401


@every_sender
async def test_an_account_without_a_secret_takes_nothing(sender: str) -> None:
    gateway = Gateway()
    account = (sender, ACCOUNTS[sender])
    gateway.directory.snapshot.sources[account] = Source("demo", b"", None, None)

    assert (await post(gateway, sender, BODIES[sender], secret=b"")).status == 401


@every_sender
async def test_the_old_secret_signs_for_an_hour(sender: str) -> None:
    gateway = Gateway()
    account = (sender, ACCOUNTS[sender])
    gateway.directory.snapshot.sources[account] = Source("demo", SECRET, OLD_SECRET, NOW - 60_000)

    assert (await post(gateway, sender, BODIES[sender], secret=OLD_SECRET)).status == 200


async def test_a_woo_order_keeps_its_money_times_ids_and_lines() -> None:
    gateway = Gateway()

    await post(gateway, "woocommerce", woo_order())
    (order,) = gateway.outlet.records("orders.v1")

    assert (order.order_id, order.status, order.gross, order.currency) == (
        "727", "paid", 2_935, "USD",
    )  # fmt: skip
    assert order.ordered_at == 1_788_280_082_000
    assert (order.updated_at, order.paid_at) == (1_788_280_088_000, 1_788_280_087_000)
    assert (order.visitor_id, order.marketing.creator) == ("visitor-1", "ada")
    ids = order.identifiers
    assert (ids.customer_id, ids.fbp) == ("26", "fb.1.1596403881668.1116446470")
    assert ids.email_sha256 == email_hash("mary.doe@example.com")
    assert ids.phone_sha256 == phone_hash("+14155550100")
    assert order.browser.url == "https://store.example.com/shop/?gclid=Cj0"
    assert order.browser.referrer == "https://www.google.com/"
    assert order.discount_codes == ("spring10",)
    assert [(c.product_id, c.title, c.quantity, c.price) for c in order.line_items] == [
        ("94", "Shoe", 2, 300), ("22", "Tea by weight", 1, 2_400),
    ]  # fmt: skip
    assert "mary.doe" not in order.model_dump_json().lower()


async def test_a_woo_guest_is_no_customer_and_refunds_are_told_with_a_minus() -> None:
    gateway = Gateway()
    refunds = [
        {"id": 726, "reason": "", "total": "-10.00"},
        {"id": 725, "reason": "", "total": "-9.5"},
        {"id": 724, "reason": "", "total": None},
    ]

    await post(gateway, "woocommerce", woo_order(customer_id=0, refunds=refunds))
    (order,) = gateway.outlet.records("orders.v1")

    assert order.identifiers.customer_id is None
    assert [(r.refund_id, r.amount) for r in order.refunds] == [("726", 1_000), ("725", 950)]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "pending"}, "pending"),
        ({"status": "on-hold"}, "pending"),
        ({"status": "completed"}, "paid"),
        ({"status": "refunded"}, "refunded"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "failed"}, "cancelled"),
        ({"status": "out-for-delivery"}, "paid"),
        ({"status": "out-for-delivery", "date_paid_gmt": None}, "pending"),
        ({"status": {}}, "paid"),
    ],
)
async def test_a_woo_status_is_ours(changes: dict[str, Any], status: str) -> None:
    gateway = Gateway()

    await post(gateway, "woocommerce", woo_order(**changes))

    assert gateway.outlet.records("orders.v1")[0].status == status


async def test_a_deleted_woo_order_is_cancelled() -> None:
    gateway = Gateway()

    await post(gateway, "woocommerce", {"id": 727}, "order.deleted")
    (order,) = gateway.outlet.records("orders.v1")

    assert (order.order_id, order.status, order.gross) == ("727", "cancelled", None)


@pytest.mark.parametrize(
    ("sender", "body", "args", "topic"),
    [
        ("woocommerce", {"id": 1, "email": "a@example.com"}, ["customer.updated"],
         "customer.updated"),
        ("woocommerce", {"id": 1, "email": "a@example.com"}, [""], "none"),
        ("bigcommerce", bigcommerce_event("store/cart/created", {"type": "cart", "id": "c-1"}),
         [], "store/cart/created"),
        ("bigcommerce", bigcommerce_event(scope=[]), [], "none"),
    ],
)  # fmt: skip
async def test_what_is_no_order_is_kept_sealed_and_filtered(
    sender: str, body: Any, args: list[str], topic: str
) -> None:
    gateway = Gateway()

    answer = await post(gateway, sender, body, *args)
    (record,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert answer.json["filtered"] == "unknown_topic"
    assert (record.source, record.unknown_topic) == (sender, topic)
    assert "a@example.com" not in record.model_dump_json()


async def test_woocommerce_may_ask_whether_anyone_is_there() -> None:
    gateway = Gateway()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "WooCommerce/9.1 Hookshot (WordPress/6.6)",
    }

    ping = await gateway.post(PATH, b"webhook_id=7", key=None, headers=headers)
    other = await gateway.post(
        PATH, b"webhook_id=7", key=None, headers={**headers, "user-agent": "curl"}
    )

    assert (ping.status, ping.json["accepted"], other.status) == (200, 0, 401)
    assert gateway.outlet.rows == []


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, None),
        ({"status": {"previous_status_id": 0, "new_status_id": 11}}, "paid"),
        ({"status": {"new_status_id": 4}}, "refunded"),
        ({"status": {"new_status_id": 5}}, "cancelled"),
        ({"status": {"new_status_id": 13}}, "charged_back"),
        ({"status": {"new_status_id": 99}}, None),
        ({"status": {"new_status_id": "11"}}, None),
        ({"refund": {"refund_id": 3}}, None),
    ],
)
async def test_an_order_of_which_bigcommerce_names_no_more_than_the_id_is_kept(
    data: dict[str, Any], status: str | None
) -> None:
    gateway = Gateway()

    answer = await post(
        gateway, "bigcommerce", bigcommerce_event("store/order/statusUpdated", data)
    )
    (order,) = gateway.outlet.records("orders.v1")

    assert answer.status == 200
    assert (order.order_id, order.status, order.gross) == ("250", status, None)
    assert order.updated_at == 1_788_278_405_000
    assert order.unknown_topic is None


async def test_an_order_that_was_looked_up_comes_with_everything() -> None:
    gateway = Gateway()

    await post(gateway, "bigcommerce", bigcommerce_event(data=bigcommerce_order()))
    (order,) = gateway.outlet.records("orders.v1")

    assert (order.order_id, order.status) == ("250", "paid")
    assert (order.gross, order.refunded, order.currency) == (12_990, 0, "EUR")
    assert (order.ordered_at, order.updated_at) == (1_788_278_400_000, 1_788_278_405_000)
    assert order.identifiers.customer_id == "11"
    assert order.identifiers.email_sha256 == email_hash("mary.doe@example.com")
    assert order.discount_codes == ("SPRING10",)
    assert [(c.product_id, c.quantity, c.price) for c in order.line_items] == [("9", 2, 6_495)]


@pytest.mark.parametrize("producer", ["stores/another", "abc123", None, []])
async def test_one_bigcommerce_store_cannot_speak_for_another(producer: Any) -> None:
    gateway = Gateway()

    answer = await post(gateway, "bigcommerce", bigcommerce_event(producer=producer))

    assert answer.status == 422
    assert answer.json["rejected"][0]["field"] == "producer"
    assert gateway.outlet.rows == []


async def test_a_secret_of_standard_webhooks_is_base64_of_its_bytes() -> None:
    gateway = Gateway()
    written = b"whsec_" + base64.b64encode(SECRET)
    gateway.directory.snapshot.sources["bigcommerce", "abc123"] = Source(
        "demo", written, None, None
    )

    assert (await post(gateway, "bigcommerce", bigcommerce_event())).status == 200


async def test_the_neutral_form_is_that_of_v1_orders_and_v1_events() -> None:
    gateway = Gateway()
    cart = {"event_name": "AddToCart", "event_id": "c-1", "visitor_id": "visitor-1", "value": 5,
            "currency": "EUR", "order_id": "T-1"}  # fmt: skip
    shopless = {key: value for key, value in NEUTRAL.items() if key != "order_id"}
    batch = [NEUTRAL, {**NEUTRAL, "source": "till"}, cart, shopless, {**NEUTRAL, "revenue": None}]

    answer = await post(gateway, "ecommerce", {"batch": batch})
    orders = gateway.outlet.records("orders.v1")
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert answer.status == 200
    assert [(o.source, o.order_id, o.gross) for o in orders] == [
        ("ecommerce", "T-1", 1_990), ("till", "T-1", 1_990),
    ]  # fmt: skip
    assert (event.event_name, event.event_id, event.order_source) == (
        "AddToCart", "c-1", "ecommerce",
    )  # fmt: skip
    assert [(row["index"], row["field"]) for row in answer.json["rejected"]] == [
        (3, "order_id"), (4, "revenue"),
    ]  # fmt: skip


async def test_a_neutral_order_is_the_same_snapshot_by_either_door() -> None:
    gateway = Gateway()

    await post(gateway, "ecommerce", NEUTRAL)
    await gateway.post("/v1/orders", {**NEUTRAL, "source": "ecommerce"})
    signed, keyed = gateway.outlet.records("orders.v1")

    stamps = {"event_id", "content_hash"}
    assert signed.model_dump(exclude=stamps) == keyed.model_dump(exclude=stamps)


@pytest.mark.parametrize(
    ("sender", "body"),
    [
        ("woocommerce", woo_order(currency="XQX")),
        ("bigcommerce", bigcommerce_event(data=bigcommerce_order(currency_code="XQX"))),
        ("ecommerce", {**NEUTRAL, "currency": "XQX"}),
    ],
)
async def test_a_currency_that_is_none_is_refused_by_name(sender: str, body: Any) -> None:
    gateway = Gateway()

    answer = await post(gateway, sender, body)

    assert answer.status == 422
    assert [row["field"] for row in answer.json["rejected"]] == ["currency"]


@pytest.mark.parametrize("sender", ["woocommerce", "bigcommerce"])
async def test_a_field_of_any_shape_is_no_error_of_ours(sender: str) -> None:
    gateway = Gateway()
    for name in woo_order() if sender == "woocommerce" else bigcommerce_order():
        odd_values: list[Any] = [None, [], {}, "x", -1, 1e300, [[]], [None], [{}], True]
        for value in odd_values:
            odd = {name: value}
            order = bigcommerce_event(data=bigcommerce_order(**odd))
            body = woo_order(**odd) if sender == "woocommerce" else order

            answer = await post(gateway, sender, body)

            assert answer.status in (200, 422), odd
            assert all(row["field"] for row in answer.json["rejected"])


async def test_an_array_from_woocommerce_is_each_of_its_orders() -> None:
    gateway = Gateway()
    raw = orjson.dumps([woo_order(), woo_order(id=728)])

    answer = await gateway.post(PATH, raw, key=None, headers=woo_headers(raw))

    assert (answer.status, answer.json["accepted"]) == (200, 2)


async def test_the_route_is_described() -> None:
    described = (await Gateway().get("/openapi.json")).json["paths"][PATH]["post"]

    assert described["security"] == []
    assert {"X-Attributary-Signature", "X-WC-Webhook-Signature", "webhook-signature"} <= {
        parameter["name"] for parameter in described["parameters"]
    }


@pytest.mark.parametrize("key", [{"a": 1}, [[]], None, 5])
async def test_meta_data_under_a_name_that_is_none_are_left_out(key: Any) -> None:
    gateway = Gateway()
    order = woo_order(meta_data=[{"key": key, "value": "ada"}])

    assert (await post(gateway, "woocommerce", order)).status == 200
