"""Source records as rows: what the URL and the agent say is added, what was sent is kept."""

from typing import Any

import orjson
import pytest

from processors.domain.ids import touchpoint_id
from processors.identity import rows
from schemas.order import Order
from tests.unit.identity.builders import NOON, TENANT, digest, event, order, touchpoint

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
PAGE = "https://shop.example.com/p"


def test_a_touch_has_the_marketing_of_its_url_unless_it_was_sent() -> None:
    row = rows.touch_row(
        touchpoint(
            visitor_id="v",
            browser={"url": f"{PAGE}?utm_source=google&utm_medium=cpc&utm_campaign=a"},
            marketing={"utm_campaign": "b"},
        )
    )
    assert (row.utm_source, row.utm_medium, row.utm_campaign) == ("google", "cpc", "b")
    assert (row.channel, row.platform, row.campaign) == ("paid_search", "google", "b")


def test_what_a_server_sets_wins_over_the_rules() -> None:
    row = rows.touch_row(
        touchpoint(
            channel="podcast",
            platform="acast",
            campaign_id="cmp",
            marketing={"utm_source": "google", "utm_medium": "cpc"},
        )
    )
    assert (row.channel, row.platform, row.campaign) == ("podcast", "acast", "cmp")
    assert (row.sent_channel, row.sent_platform) == ("podcast", "acast")


def test_a_touch_that_says_nothing_is_direct_and_has_no_campaign() -> None:
    row = rows.touch_row(touchpoint(visitor_id="v"))
    assert (row.channel, row.platform, row.campaign) == ("direct", "none", "")
    assert (row.device_type, row.ids, row.consent, row.properties) == (None, None, None, None)


def test_a_link_from_the_shop_itself_is_direct() -> None:
    row = rows.touch_row(
        touchpoint(browser={"url": PAGE, "referrer": "https://shop.example.com/cart"})
    )
    assert row.channel == "direct"


def test_a_touch_keeps_the_ids_that_it_came_with() -> None:
    row = rows.touch_row(
        touchpoint(
            type="view",
            visitor_id="v",
            identifiers={"customer_id": "c", "email_sha256": digest("e"), "fbp": "fb.1"},
            browser={"user_agent": PHONE},
        )
    )
    assert (row.anchor, row.customer_id, row.email_hash) == ("visitor:v", "c", digest("e"))
    assert orjson.loads(row.ids or "") == {"fbp": "fb.1"}
    assert (row.touchpoint_type, row.device_type) == ("view", "mobile")
    assert row.key == (TENANT, touchpoint_id(TENANT, "t-1"))
    assert row.rank == (NOON, "visitor:v", "h", row.received_at)


@pytest.mark.parametrize(
    ("fields", "is_touch"),
    [
        ({}, False),
        ({"session_start": True}, True),
        ({"marketing": {"gclid": "x"}}, True),
        ({"browser": {"url": f"{PAGE}?utm_source=x"}}, True),
        ({"browser": {"url": PAGE, "referrer": "https://blog.example.org/"}}, True),
        ({"browser": {"url": PAGE, "referrer": "https://shop.example.com/"}}, False),
        ({"event_name": "AddToCart", "session_start": True}, False),
        ({"source": "identify", "session_start": True}, False),
    ],
)
def test_which_events_are_touches(fields: dict[str, Any], is_touch: bool) -> None:
    name = fields.pop("event_name", "PageView")
    row = rows.touch_of_event(event(name, visitor_id="v", **fields))
    assert (row is not None) == is_touch
    if row is not None:
        assert row.touchpoint_type == "click"


def test_the_row_of_an_event_holds_all_of_it() -> None:
    record = event(visitor_id="v", value=5, currency="USD", properties={"a": [1]})
    row = rows.event_row(record)
    assert type(record).model_validate_json(row.raw_data) == record
    assert (row.key, row.anchor) == ((TENANT, "e-1"), "visitor:v")


def test_a_version_holds_the_snapshot_whole() -> None:
    record = order(gross=5, refunds=[{"refund_id": "r", "amount": 1}], consent={})
    row = rows.version_row(record, "conversion")
    assert Order.model_validate_json(row.snapshot) == record
    assert row.key == (TENANT, "conversion", "h")


def test_the_pixels_version_is_a_paid_order_of_lowest_precedence() -> None:
    record = event(
        "Purchase",
        order_id="gid://shopify/Order/7",
        order_source="shopify",
        value=5400,
        currency="JPY",
        contents=[{"product_id": "p"}],
        checkout_id="checkout",
    )
    made = rows.pixel_order(record)
    assert made is not None
    row = rows.version_row(made, rows.conversion_of(made))
    assert (made.precedence, made.status, made.gross, made.currency) == (
        "pixel",
        "paid",
        5400,
        "JPY",
    )
    assert (row.version_at, made.ordered_at) == (NOON, NOON)
    assert made.line_items[0].product_id == "p"
    bare = rows.pixel_order(record.model_copy(update={"order_id": "7"}))
    assert bare is not None
    assert rows.conversion_of(bare) == row.conversion_id


def test_columns_stand_in_the_order_of_the_tables() -> None:
    assert rows.TouchRow._fields[:4] == ("tenant_id", "touchpoint_id", "event_id", "anchor")
    assert rows.TouchRow._fields[-3:] == ("ctwa_clid", "device_fingerprint", "bot_reasons")
    assert rows.EventRow._fields[-1] == "bot_reasons"
    assert len(rows.TouchRow._fields) == 46
