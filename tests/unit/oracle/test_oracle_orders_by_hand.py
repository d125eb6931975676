"""Worked examples of the fold: versions, refunds, states, and who bought first."""

from typing import Any

import pytest

from tests.unit.oracle.logs import DAY, NOON, order, pixel, rows, setting, tables, touch


def refund(refund_id: str, amount: int) -> dict[str, Any]:
    return {"refund_id": refund_id, "amount": amount}


def conversion(*entries: Any) -> dict[str, Any]:
    (row,) = rows(tables(*entries), "conversions")
    return row


@pytest.mark.parametrize(
    ("later", "net", "status"),
    [
        ({"refunds": [refund("a", 3_000)]}, 7_000, "partially_refunded"),
        # The same refund told twice is one, at its greatest amount: 10,000 - 3,500.
        ({"refunds": [refund("a", 3_000), refund("a", 3_500)]}, 6_500, "partially_refunded"),
        # The greater of the running total 4,000 and the sum 1,000 + 2,000.
        (
            {"refunded": 4_000, "refunds": [refund("a", 1_000), refund("b", 2_000)]},
            6_000,
            "partially_refunded",
        ),
        ({"refunded": 12_000}, 0, "refunded"),
        ({"status": "refunded"}, 0, "refunded"),
        ({"status": "refunded", "refunded": 1}, 9_999, "partially_refunded"),
        ({"status": "cancelled"}, 0, "cancelled"),
        ({"status": "charged_back"}, 0, "charged_back"),
        ({"status": "partially_refunded"}, 10_000, "partially_refunded"),
        ({"status": "pending"}, 10_000, "pending"),
        ({"gross": 8_000}, 8_000, "paid"),
    ],
)
def test_a_later_snapshot_corrects_an_earlier_one(
    later: dict[str, Any], net: int, status: str
) -> None:
    # A null never overwrites: the later snapshot leaves out whatever it does not name.
    second = {"ordered_at": None, "gross": None, "currency": None, **later}
    found = conversion(order(updated_at=NOON), order(**second, updated_at=NOON + 1))
    assert (found["revenue"], found["status"]) == (net, status)


def dispute(status: str, decided_at: int | None = None) -> dict[str, Any]:
    return {"dispute_id": "d", "status": status, "decided_at": decided_at}


@pytest.mark.parametrize(
    ("disputes", "net", "status"),
    [
        ([dispute("open")], 0, "charged_back"),
        ([dispute("lost", NOON)], 0, "charged_back"),
        ([dispute("open"), dispute("won", NOON)], 10_000, "paid"),
        ([dispute("lost", NOON), dispute("won", NOON + 1)], 10_000, "paid"),
        ([dispute("won", NOON), dispute("lost", NOON)], 0, "charged_back"),
    ],
)
def test_a_dispute_takes_the_money_until_it_is_won(
    disputes: list[dict[str, Any]], net: int, status: str
) -> None:
    silent: dict[str, Any] = {"ordered_at": None, "gross": None, "currency": None}
    told = [
        order(**silent, disputes=[said], received_at=NOON - n) for n, said in enumerate(disputes)
    ]
    found = conversion(*told, order(status="paid", updated_at=NOON + DAY))
    assert (found["revenue"], found["status"]) == (net, status)


def test_an_order_shows_its_money_its_codes_and_its_lines() -> None:
    lines = [{"product_id": "p", "quantity": 2, "price": 500}, {"sku": "s"}]
    found = tables(
        order(creator="ada", ref="friend", updated_at=NOON, refunds=[refund("a", 3_000)]),
        order(discount_codes=["TEN"], line_items=lines, updated_at=NOON + 1, paid_at=NOON + 7),
    )
    (row,) = rows(found, "orders")
    assert (row["gross"], row["refunded"], row["net"]) == (10_000, 3_000, 7_000)
    assert (row["creator_code"], row["discount_codes"]) == ("TEN", ["TEN"])
    assert (row["ordered_at"], row["paid_at"]) == (NOON, NOON + 7)
    shown = [
        (r["position"], r["product_id"], r["sku"], r["quantity"], r["price"])
        for r in rows(found, "order_line_items")
    ]
    assert shown == [(1, "p", None, 2, 500), (2, None, "s", 1, None)]


def test_versions_are_ordered_by_their_own_time_not_by_arrival() -> None:
    old, new = order(gross=5_000, updated_at=NOON), order(gross=6_000, updated_at=NOON + 1)
    assert conversion(old, new)["revenue"] == conversion(new, old)["revenue"] == 6_000


def test_a_snapshot_received_again_keeps_its_first_time() -> None:
    first, again = (order(gross=5_000, received_at=at) for at in (NOON, NOON + DAY))
    assert conversion(again, order(gross=6_000, received_at=NOON + 1), first)["revenue"] == 6_000


def test_without_a_gross_the_order_waits() -> None:
    found = tables(touch("a", ago=1, gclid="x"), order(gross=None))
    assert rows(found, "conversions")[0]["state"] == "pending_order"
    assert found["results"] == found["summary_cells"] == []


def test_a_cancelled_order_keeps_its_rows_and_adds_nothing() -> None:
    found = tables(touch("a", ago=1, gclid="x"), order(status="cancelled"))
    assert {row["attributed_revenue"] for row in rows(found, "results")} == {0}
    assert found["summary_cells"] == []


def test_a_free_order_counts_one() -> None:
    found = rows(tables(order(gross=0)), "channel_summary", model="linear")
    assert [(r["conversions"], r["revenue"]) for r in found] == [(10**9, 0)] * 8


def test_a_test_order_was_never_there() -> None:
    assert [name for name, found in tables(order(test=True)).tables.items() if found] == []


def test_order_ids_are_unique_within_a_source_only() -> None:
    assert len(rows(tables(order("7"), order("7", source="shopify")), "conversions")) == 2


def test_the_first_purchase_is_the_earliest_that_was_not_cancelled() -> None:
    found = tables(
        order("1", ordered_at=NOON - 2, status="cancelled"),
        order("2", ordered_at=NOON - 1),
        order("3"),
        order("4", visitor_id=None),
    )
    first = {row["order_id"]: row["is_first_purchase"] for row in rows(found, "conversions")}
    assert first == {"1": False, "2": True, "3": False, "4": None}


def test_the_pixels_own_purchase_counts_only_when_the_tenant_says_so() -> None:
    told = pixel("p", "Purchase", order_id="gid://shopify/Order/9", value=500, currency="USD")
    assert tables(told)["conversions"] == []
    found = conversion(told, setting("pixel_orders", "true"))
    assert (found["order_id"], found["revenue"], found["converted_at"]) == ("9", 500, NOON)


def test_the_shop_wins_over_a_later_pixel() -> None:
    late = pixel("p", "Purchase", ago=-DAY, order_id="1", value=500, currency="EUR",
                 received_at=NOON + DAY)  # fmt: skip
    found = conversion(late, order(), setting("pixel_orders", "true"))
    assert (found["revenue"], found["currency"], found["converted_at"]) == (10_000, "USD", NOON)
