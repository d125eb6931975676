"""A shop's actions and GA4's calls, as records of the real gateway."""

import doctest
from collections.abc import Callable
from typing import Any

import pytest

from processors.client import BadItem, EcommerceTracker, init_ga4, signing
from processors.client.fields import Order
from processors.client.ga4 import track_server_event, track_server_purchase
from processors.domain import event_names
from tests.unit.client.gateways import client_of
from tests.unit.gateway.asking import NOW, Gateway

ORDER: Order = {
    "order_id": "9", "ordered_at": NOW, "revenue": "30.00", "currency": "EUR", "visitor_id": "v",
}  # fmt: skip


def given_back(*amounts: str) -> Order:
    """The order with these refunds."""
    return {**ORDER, "refunds": [{"refund_id": n, "amount": x} for n, x in enumerate(amounts, 1)]}


CALLS: dict[str, Callable[[Any], object]] = {
    "PageView": lambda shop: shop.view_page(visitor_id="v"),
    "ViewContent": lambda shop: shop.view_item(visitor_id="v"),
    "ViewItemList": lambda shop: shop.view_item_list(visitor_id="v"),
    "Search": lambda shop: shop.search("hats", visitor_id="v"),
    "AddToCart": lambda shop: shop.add_to_cart(visitor_id="v"),
    "RemoveFromCart": lambda shop: shop.remove_from_cart(visitor_id="v"),
    "ViewCart": lambda shop: shop.view_cart(visitor_id="v"),
    "AddToWishlist": lambda shop: shop.add_to_wishlist(visitor_id="v"),
    "InitiateCheckout": lambda shop: shop.begin_checkout(visitor_id="v"),
    "AddShippingInfo": lambda shop: shop.add_shipping_info(visitor_id="v"),
    "AddPaymentInfo": lambda shop: shop.add_payment_info(visitor_id="v"),
    "Lead": lambda shop: shop.lead(visitor_id="v"),
    "CompleteRegistration": lambda shop: shop.sign_up(visitor_id="v"),
    "Subscribe": lambda shop: shop.subscribe(visitor_id="v"),
    "StartTrial": lambda shop: shop.start_trial(visitor_id="v"),
    "Contact": lambda shop: shop.contact(visitor_id="v"),
    "Quiz": lambda shop: shop.custom("Quiz", visitor_id="v"),
}


def test_each_action_is_one_event() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        shop = EcommerceTracker(client)
        for call in CALLS.values():
            call(shop)
    records = gateway.outlet.records("pixel_events.v1")
    assert [record.event_name for record in records] == list(CALLS)
    assert records[list(CALLS).index("Search")].properties == {"search_term": "hats"}


def test_products_tell_the_value_when_all_have_a_price() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        shop = EcommerceTracker(client, currency="EUR")
        shop.add_to_cart(
            visitor_id="v", contents=[{"sku": "a", "price": "0.10", "quantity": 3}, {"price": 0.2}]
        )
        shop.add_to_cart(visitor_id="v", contents=[{"sku": "a", "price": "1"}, {"sku": "b"}])
        shop.add_to_cart(visitor_id="v", contents=[{"sku": "a", "price": "1"}], value=7)
        shop.view_item(visitor_id="v", value=1, currency="USD")
        with pytest.raises(BadItem, match=r"contents\[0\].price must be a decimal"):
            shop.view_item(visitor_id="v", contents=[{"price": "much"}])
    worth = [(e.value, e.currency) for e in gateway.outlet.records("pixel_events.v1")]
    assert worth == [(50, "EUR"), (None, "EUR"), (700, "EUR"), (100, "USD")]


def test_an_order_is_bought_given_back_and_cancelled() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        shop = EcommerceTracker(client)
        shop.purchase(**ORDER)
        shop.refund(**given_back("10"))
        shop.refund(**given_back("15.00", "15.00"))
        summed: Order = {**ORDER, "refunded_amount": 30}
        shop.refund(**summed)
        shop.cancel(**ORDER)
        with pytest.raises(BadItem, match="refunded_amount is required"):
            shop.refund(**ORDER)
    assert [order.status for order in gateway.outlet.records("orders.v1")] == [
        "paid", "partially_refunded", "refunded", "refunded", "cancelled",
    ]  # fmt: skip


def test_ga4_s_calls_are_the_pipeline_s_events() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        ga4 = init_ga4(client, client_id="11.22", session_id="170", user_id="c-1")
        ga4.track_page_view("https://shop.example/", page_title="Home")
        ga4.track_view_item([{"item_id": "sku", "price": 5}], currency="EUR")
        ga4.track_add_to_cart([{"item_id": "sku", "price": 5, "quantity": 2}], currency="EUR")
        ga4.set_user_properties({"tier": "gold"}).track_event("quiz", {"answer": 42, "value": ""})
        track_server_event(client, "33.44", "generate_lead")
    page, item, cart, quiz, lead = gateway.outlet.records("pixel_events.v1")

    assert [e.event_name for e in (page, item, cart, quiz, lead)] == [
        "PageView", "ViewContent", "AddToCart", "quiz", "Lead",
    ]  # fmt: skip
    assert (page.browser.url, page.properties) == ("https://shop.example/", {"page_title": "Home"})
    assert (item.value, cart.value, cart.contents[0].product_id) == (500, 1_000, "sku")
    assert quiz.properties == {"answer": 42, "user_properties": {"tier": "gold"}}
    ids = page.identifiers
    assert (ids.ga4_client_id, ids.ga4_session_id, ids.customer_id) == ("11.22", "170", "c-1")
    assert (page.visitor_id, lead.visitor_id, lead.session_id) == ("11.22", "33.44", None)


def test_ga4_s_purchase_is_an_order_and_a_second_teller_adds_none() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        denied = init_ga4(client, client_id="1.2", consent={"analytics_storage": "denied"})
        told = denied.track_purchase(
            7, "9.90", "EUR", purchased_at=NOW, items=[{"item_id": "s", "item_name": "Hat"}]
        )
        again = track_server_purchase(client, "1.2", 7, "9.90", "EUR", purchased_at=NOW)
    first, second = gateway.outlet.records("orders.v1")
    assert (told.topic, again.topic) == ("orders.v1", "orders.v1")
    assert (first.order_id, first.gross, first.line_items[0].title) == ("7", 990, "Hat")
    assert first.consent.analytics_storage == "denied"
    assert (second.order_id, second.source) == (first.order_id, first.source)


@pytest.mark.parametrize("module", [event_names, signing])
def test_what_the_descriptions_show_is_so(module: Any) -> None:
    failures, tries = doctest.testmod(module)
    assert failures == 0 < tries
