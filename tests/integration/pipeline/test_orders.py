"""The whole life of an order, from the shop's webhooks to what analysts see of it."""

import itertools
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from schemas.command import SetSetting, Unlink
from tests.integration.pipeline.shop import Entry, Shop, command, open_shop, taken
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.shop import (
    BIG,
    dispute_webhook,
    edit_webhook,
    order_webhook,
    post_webhook,
    refund_webhook,
)
from tests.unit.gateway.stores import bigcommerce_event, bigcommerce_order, post, woo_order

ORDERS = "SELECT status, gross, refunded, net FROM orders WHERE order_id = $1"
FIRST = """SELECT order_id FROM attribution_conversions WHERE is_first_purchase ORDER BY 1"""

Delivery = tuple[str, dict[str, Any]]


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as made:
        yield made


def order(n: int = BIG, **changes: Any) -> dict[str, Any]:
    return order_webhook(id=n, checkout_token=None, **changes)


def refund(amount: str, *, name: int = 1, n: int = BIG) -> dict[str, Any]:
    moved = [{"kind": "refund", "status": "success", "amount": amount, "currency": "USD"}]
    return refund_webhook(id=name, order_id=n, transactions=moved)


async def records(*deliveries: Delivery) -> list[Entry]:
    """What the door makes of Shopify's deliveries."""
    gateway = Gateway()
    for topic, body in deliveries:
        answer = await post_webhook(gateway, topic, body)
        assert answer.status == 200, answer.json
    return taken(gateway)


def life(n: int) -> list[Delivery]:
    """One order: created and paid within a second, edited, refunded twice, disputed, and won."""
    total = {"total_price": "149.90", "updated_at": "2026-09-02T09:00:05-04:00"}
    dispute = dispute_webhook(id=n, order_id=n)
    won = {**dispute, "status": "won", "finalized_on": "2026-09-19T19:00:00-04:00"}
    return [
        ("orders/create", order(n, financial_status="pending")),
        ("orders/paid", order(n)),
        ("orders/edited", edit_webhook(order_id=n)),
        ("orders/updated", order(n, **total)),
        ("refunds/create", refund("29.90", n=n)),
        ("refunds/create", refund("20.00", name=2, n=n)),
        ("disputes/create", dispute),
        ("disputes/update", won),
    ]


async def test_deliveries_in_any_order_and_any_number_end_the_same(shop: Shop) -> None:
    rng = random.Random(3)
    batches = []
    for n in range(1, 25):
        deliveries = life(n)
        deliveries += rng.choices(deliveries, k=4)
        rng.shuffle(deliveries)
        batches.append(await records(*deliveries))
    for entries in itertools.zip_longest(*batches):
        await shop.feed([entry for entry in entries if entry is not None])

    assert await shop.rows(
        "SELECT count(*)::int, status, gross, refunded, net, ordered_at::text FROM orders"
        " GROUP BY 2, 3, 4, 5, 6"
    ) == [
        (24, "partially_refunded", Decimal("149.90"), Decimal("49.90"), Decimal("100.00"),
         "2026-09-01 16:00:00+00"),
    ]  # fmt: skip
    assert await shop.differences() == []


PAID: Delivery = ("orders/paid", order())
SMALL: Delivery = ("refunds/create", refund("29.90"))
REST: Delivery = ("refunds/create", refund("100.00", name=2))
TOO_MUCH: Delivery = ("refunds/create", refund("500.00", name=3))
CANCELLED: Delivery = (
    "orders/cancelled",
    order(cancelled_at="2026-09-04T00:00:00Z", updated_at="2026-09-04T00:00:00Z"),
)
OPEN: Delivery = ("disputes/create", dispute_webhook())
LOST: Delivery = ("disputes/update", dispute_webhook(status="lost", finalized_on="2026-09-19"))
INQUIRY: Delivery = ("disputes/create", dispute_webhook(type="inquiry"))
LATER: Delivery = ("orders/fulfilled", order(updated_at="2026-09-10T00:00:00Z"))


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [
        ([SMALL, PAID], ("partially_refunded", "129.90", "29.90", "100.00")),
        ([TOO_MUCH, PAID], ("refunded", "129.90", "500.00", "0.00")),
        ([PAID, SMALL, REST], ("refunded", "129.90", "129.90", "0.00")),
        ([PAID, SMALL, CANCELLED], ("cancelled", "129.90", "29.90", "0.00")),
        ([PAID, OPEN, LATER], ("charged_back", "129.90", "0.00", "0.00")),
        ([PAID, OPEN, LOST, LATER], ("charged_back", "129.90", "0.00", "0.00")),
        ([PAID, SMALL, OPEN], ("charged_back", "129.90", "29.90", "0.00")),
        ([PAID, INQUIRY], ("paid", "129.90", "0.00", "129.90")),
    ],
)
async def test_an_order_is_worth_what_is_left_of_it(
    shop: Shop, deliveries: list[Delivery], expected: tuple[str, ...]
) -> None:
    for delivery in deliveries:
        await shop.feed(await records(delivery))

    (row,) = await shop.rows(ORDERS, str(BIG))
    assert tuple(str(value) for value in row) == expected
    summary = "SELECT sum(revenue) FROM attribution_channel_summary WHERE model = 'linear'"
    (total,) = await shop.rows(f"{summary} AND attribution_window = 'ltv'")
    assert Decimal(total[0] or 0) == Decimal(expected[3])
    assert await shop.differences() == []


@pytest.mark.parametrize("part", [SMALL, OPEN, ("orders/edited", edit_webhook())])
async def test_a_part_of_an_order_waits_visibly_for_its_order(shop: Shop, part: Delivery) -> None:
    await shop.feed(await records(part))

    assert await shop.rows("SELECT order_id, state FROM attribution_conversions") == [
        (str(BIG), "pending_order")
    ]
    assert (await shop.rows(ORDERS, str(BIG)))[0][1] is None
    assert await shop.differences() == []


async def test_orders_of_every_shop_become_the_same_conversions(shop: Shop) -> None:
    gateway = Gateway()
    neutral = {
        "order_id": "4", "ordered_at": "2026-09-01T16:00:00Z", "revenue": "129.90",
        "currency": "USD", "visitor_id": "visitor-1", "customer_id": "11",
        "discount_codes": ["TEN"],
    }  # fmt: skip
    await post_webhook(gateway, "orders/paid", order(1, customer={"id": 11}))
    await post(
        gateway, "woocommerce",
        woo_order(id=2, total="129.90", date_created_gmt="2026-09-01T16:00:00", customer_id=11,
                  coupon_lines=[{"code": "TEN"}]),
    )  # fmt: skip
    looked_up = bigcommerce_order(id=3, currency_code="USD", coupons=[{"code": "TEN"}])
    await post(gateway, "bigcommerce", bigcommerce_event(data=looked_up))
    await post(gateway, "ecommerce", neutral)
    await shop.feed(taken(gateway))

    rows = await shop.rows(
        "SELECT source, order_id, status, net, currency, ordered_at::text, customer_id,"
        " creator_code, discount_codes FROM orders ORDER BY order_id"
    )
    same = ("paid", Decimal("129.90"), "USD", "2026-09-01 16:00:00+00", "11", "TEN", ["TEN"])
    assert rows == [
        ("shopify", "1", *same), ("woocommerce", "2", *same), ("bigcommerce", "3", *same),
        ("ecommerce", "4", *same),
    ]  # fmt: skip
    people = await shop.rows("SELECT DISTINCT person_id FROM attribution_conversions")
    assert len(people) == 1
    assert await shop.differences() == []


async def test_analysts_see_the_lines_and_the_code_of_an_order_but_no_test_order(
    shop: Shop,
) -> None:
    notes = [{"name": "ref", "value": "friend"}, {"name": "creator", "value": "ada"}]
    bare = order(2, discount_codes=[], note_attributes=notes, line_items=[])
    await shop.feed(
        await records(
            ("orders/paid", order(1)), ("orders/paid", bare), ("orders/paid", order(3, test=True))
        )
    )

    assert await shop.rows(
        "SELECT order_id, creator_code, discount_codes, paid_at::text FROM orders ORDER BY 1"
    ) == [
        ("1", "TEN", ["TEN"], "2026-09-01 16:00:05+00"),
        ("2", "ada", [], "2026-09-01 16:00:05+00"),
    ]
    assert await shop.rows(
        "SELECT order_id, position, product_id, sku, title, quantity, price, currency"
        " FROM order_line_items ORDER BY order_id, position"
    ) == [
        ("1", 1, "9", "sku-1", "Hat", 2, Decimal("64.95"), "USD"),
        ("1", 2, "gift", "gift", "Card", 1, Decimal("0.00"), "USD"),
    ]
    assert await shop.differences() == []


async def test_an_order_that_only_a_pixel_knows_goes_when_pixels_no_longer_count(
    shop: Shop,
) -> None:
    async def counted(value: str) -> list[tuple[Any, ...]]:
        await shop.feed([command(SetSetting(key="pixel_orders", value=value))])
        assert await shop.differences() == []
        seen = await shop.rows("SELECT orders::int FROM attribution_coverage")
        orders = await shop.rows("SELECT order_id, net FROM orders")
        assert seen == [(1,)] * len(orders)
        return orders

    gateway = Gateway()
    purchase = {"event_name": "Purchase", "order_id": "9", "value": 5, "currency": "USD",
                "visitor_id": "visitor-1", "contents": [{"id": "hat"}]}  # fmt: skip
    await gateway.post("/v1/events", purchase)
    await shop.feed(taken(gateway))

    assert await counted("true") == [("9", Decimal("5.00"))]
    assert await counted("false") == []
    assert await counted("true") == [("9", Decimal("5.00"))]


def bought(n: int, day: int, *, customer: int = 1, **changes: Any) -> Delivery:
    """An order of one customer, by nothing but its customer id."""
    at = f"2026-09-{day:02}T12:00:00Z"
    plain: dict[str, Any] = {"email": None, "billing_address": None, "note_attributes": []}
    told = {"processed_at": at, "updated_at": at, "customer": {"id": customer}, **plain, **changes}
    return "orders/updated", order(n, **told)


async def test_the_first_purchase_stays_right_whatever_becomes_known_later(shop: Shop) -> None:
    async def first() -> list[str]:
        assert await shop.differences() == []
        return [row[0] for row in await shop.rows(FIRST)]

    await shop.feed(await records(bought(2, 5), bought(3, 9), bought(9, 3, customer=2)))
    assert await first() == ["2", "9"]

    # An older order arrives late; is refunded, which takes nothing away; is cancelled.
    await shop.feed(await records(bought(1, 1)))
    assert await first() == ["1", "9"]
    await shop.feed(await records(("refunds/create", refund("500.00", n=1))))
    assert await first() == ["1", "9"]
    gone: dict[str, Any] = {
        "cancelled_at": "2026-09-10T00:00:00Z",
        "updated_at": "2026-09-10T00:00:00Z",
    }
    await shop.feed(await records(bought(1, 1, **gone)))
    assert await first() == ["2", "9"]

    # The two customers turn out to be one person; then they are told apart again.
    gateway = Gateway()
    for customer in ("1", "2"):
        ids = {"customer_id": customer}
        await gateway.post("/v1/identify", {"visitor_id": "visitor-1", "identifiers": ids})
    await shop.feed(taken(gateway))
    assert await first() == ["9"]
    apart = Unlink(a="customer:2", b="visitor:visitor-1", linked=False)
    await shop.feed([command(apart)])
    assert await first() == ["2", "9"]
