"""Eighteen standard names, and the page views that are touchpoints."""

import pytest

from processors.domain.events import SHOPIFY_PIXEL_EVENTS, StandardEvent, is_touch

EIGHTEEN = (
    "PageView ViewContent Search AddToCart AddToWishlist InitiateCheckout AddPaymentInfo Purchase "
    "Lead CompleteRegistration Contact CustomizeProduct Donate FindLocation Schedule StartTrial "
    "SubmitApplication Subscribe"
)
PAGE = "https://www.shop.example/p"


def test_there_are_exactly_eighteen_standard_events() -> None:
    assert [event.value for event in StandardEvent] == EIGHTEEN.split()


def test_shopifys_checkout_events_have_standard_names() -> None:
    assert SHOPIFY_PIXEL_EVENTS["checkout_started"] == "InitiateCheckout"
    assert SHOPIFY_PIXEL_EVENTS["payment_info_submitted"] == "AddPaymentInfo"
    assert SHOPIFY_PIXEL_EVENTS["checkout_completed"] == "Purchase"
    assert "cart_viewed" not in SHOPIFY_PIXEL_EVENTS


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"url": PAGE}, False),
        ({}, False),
        ({"url": f"{PAGE}?variant=1"}, False),
        ({"url": f"{PAGE}?utm_source=a"}, True),
        ({"url": f"{PAGE}?ref=a"}, True),
        ({"url": PAGE, "gclid": "Cj0K"}, True),
        ({"url": PAGE, "referrer": "https://blog.example.org/post"}, True),
        ({"url": PAGE, "referrer": "https://shop.example/cart"}, False),
        ({"url": PAGE, "referrer": "https://checkout.shop.example/"}, False),
        ({"url": PAGE, "referrer": ""}, False),
        ({"url": PAGE, "session_start": True}, True),
        ({"url": PAGE, "session_start": False}, False),
        ({"url": None, "referrer": 7}, False),
    ],
)
def test_a_page_view_is_a_touch_when_it_brings_news(
    fields: dict[str, object], expected: bool
) -> None:
    assert is_touch({"event_name": "PageView", **fields}) is expected


def test_only_a_page_view_is_a_touch() -> None:
    assert not is_touch({"event_name": "AddToCart", "url": f"{PAGE}?gclid=a"})


def test_the_shops_other_host_refers_nobody() -> None:
    event = {"event_name": "PageView", "url": PAGE, "referrer": "https://demo.myshopify.com/"}
    assert is_touch(event)
    assert not is_touch(event, own_host="demo.myshopify.com")
