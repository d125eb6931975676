"""Worked examples of the graph, of the register, and of page views that are touches."""

from typing import Any

import pytest

from tests.oracle.tables import Served
from tests.unit.oracle.logs import command, order, pixel, rows, setting, tables, touch


def people(found: Served) -> dict[str, str]:
    return {
        f"{row['kind']}:{row['value']}": row["person_id"] for row in rows(found, "identity_links")
    }


def test_ids_seen_together_are_one_person_named_by_the_smallest() -> None:
    found = tables(
        touch("1", visitor_id="b", customer_id="c1"),
        touch("2", visitor_id="a", customer_id="c1"),
        touch("3", visitor_id="z"),
    )
    assert people(found) == {
        "customer:c1": "customer:c1",
        "visitor:a": "customer:c1",
        "visitor:b": "customer:c1",
        "visitor:z": "visitor:z",
    }


def test_an_unlink_splits_and_a_later_link_joins_again() -> None:
    seen = touch("1", visitor_id="a", customer_id="c1")
    cut = command("k1", kind="unlink", a="visitor:a", b="customer:c1")
    tied = command("k2", kind="unlink", a="customer:c1", b="visitor:a", linked=True)
    assert people(tables(seen, cut))["visitor:a"] == "visitor:a"
    assert people(tables(tied, seen, cut))["visitor:a"] == "customer:c1"


def test_a_shared_id_joins_nobody_and_owns_nothing() -> None:
    # The kiosk was seen with three visitors, one more than the cap.
    log = [touch(str(n), visitor_id=f"v{n}", device_id="kiosk") for n in range(3)]
    found = tables(
        *log, order(visitor_id=None, device_id="kiosk"), setting("identity_fan_in_cap", "2")
    )
    assert set(people(found).values()) == {"device:kiosk", "visitor:v0", "visitor:v1", "visitor:v2"}
    assert [r["value"] for r in rows(found, "identity_links", quarantined=True)] == ["kiosk"]
    assert rows(found, "conversions")[0]["person_id"] is None


def test_an_order_belongs_to_its_strongest_id() -> None:
    found = tables(touch("1", visitor_id="a"), order(visitor_id="a"), order("2", customer_id="c"))
    owners = {row["order_id"]: row["person_id"] for row in rows(found, "conversions")}
    assert owners == {"1": "visitor:a", "2": "customer:c"}


def test_of_two_contents_for_one_event_the_earlier_stands_but_both_join() -> None:
    early = touch("1", ago=5, visitor_id="a", gclid="x")
    late = touch("1", ago=4, visitor_id="b", customer_id="c", fbclid="y")
    found = tables(late, early)
    (row,) = rows(found, "touchpoints")
    assert (row["visitor_id"], row["channel"]) == ("a", "paid_search")
    assert people(found)["visitor:b"] == "customer:c"


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ({"session_start": True}, "direct"),
        ({"url": "https://shop.example.com/?utm_source=bing&utm_medium=cpc"}, "paid_search"),
        ({"referrer": "https://blog.example.org/"}, "referral"),
        ({"url": "https://shop.example.com/a", "referrer": "https://shop.example.com/"}, None),
        ({}, None),
    ],
)
def test_a_page_view_with_news_of_marketing_is_a_touch(
    said: dict[str, Any], channel: str | None
) -> None:
    found = tables(pixel("1", "PageView", **said))
    assert [row["channel"] for row in rows(found, "touchpoints")] == ([channel] if channel else [])
    assert len(found["pixel_events"]) == 1
