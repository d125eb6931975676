"""Names of events at the platforms: all of them, those of the sheets, and none that is made up."""

from typing import get_args

import pytest

from processors.domain.event_names import NAMES, platform_name
from processors.domain.events import EventType, StandardEvent
from schemas.delivery import Platform

SHEETS: dict[Platform, dict[str, str]] = {
    "meta": {"PageView": "PageView", "InitiateCheckout": "InitiateCheckout"},
    "ga4": {"InitiateCheckout": "begin_checkout", "AddPaymentInfo": "add_payment_info",
            "Purchase": "purchase", "ViewContent": "view_item", "CompleteRegistration": "sign_up",
            "Lead": "generate_lead", "FindLocation": "find_location"},
    "sgtm": {"Purchase": "purchase"},
    "google_ads": {"Purchase": "PURCHASE", "ViewContent": "PAGE_VIEW", "Donate": "DEFAULT"},
    "tiktok": {"PageView": "Pageview", "Purchase": "Purchase", "Donate": "Donate"},
    "snapchat": {"Purchase": "PURCHASE", "AddToCart": "ADD_CART", "Schedule": "RESERVE",
                 "AddToWishlist": "ADD_TO_WISHLIST", "SubmitApplication": "CUSTOM_EVENT_5"},
    "pinterest": {"Purchase": "checkout", "InitiateCheckout": "initiate_checkout",
                  "PageView": "page_visit", "CompleteRegistration": "signup", "Donate": "custom"},
    "linkedin": {"PageView": "KEY_PAGE_VIEW", "AddToWishlist": "ADD_TO_LIST", "Lead": "LEAD",
                 "AddPaymentInfo": "ADD_BILLING_INFO", "StartTrial": "START_TRIAL"},
    "klaviyo": {"Purchase": "Placed Order", "InitiateCheckout": "Started Checkout"},
    "whatsapp": {"Purchase": "Purchase", "Lead": "LeadSubmitted"},
}  # fmt: skip
NAMELESS = {"microsoft_ads", "affiliate", "mntn"}
OF_CHATS = {"ViewContent", "AddToCart", "InitiateCheckout", "Purchase", "Lead"}


@pytest.mark.parametrize("platform", get_args(Platform))
def test_a_platform_has_a_name_for_every_standard_event_or_takes_none(platform: Platform) -> None:
    said = {event: platform_name(event, platform) for event in StandardEvent}
    if platform in NAMELESS:
        assert set(said.values()) == {None}
    elif platform == "whatsapp":
        assert {event for event, name in said.items() if name} == OF_CHATS
    else:
        assert all(said.values())
        assert NAMES[platform].keys() == {str(event) for event in StandardEvent}


@pytest.mark.parametrize("platform", SHEETS)
def test_names_are_those_of_the_platform_s_own_description(platform: Platform) -> None:
    said = SHEETS[platform]
    assert {event: platform_name(event, platform) for event in said} == said


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("meta", "RemoveFromCart"), ("tiktok", "RemoveFromCart"), ("klaviyo", "RemoveFromCart"),
        ("ga4", "remove_from_cart"), ("sgtm", "remove_from_cart"), ("pinterest", "custom"),
        ("snapchat", None), ("linkedin", None), ("google_ads", None), ("whatsapp", None),
    ],
)  # fmt: skip
def test_a_custom_event_keeps_its_name_where_it_may_have_one(
    platform: Platform, name: str | None
) -> None:
    assert platform_name("RemoveFromCart", platform) == name


def test_there_are_18_events_and_those_of_who_only_looks_are_no_conversions() -> None:
    assert len(StandardEvent) == 18
    assert set(map(str, StandardEvent)) - set(map(str, EventType)) == {
        "PageView", "ViewContent", "Search",
    }  # fmt: skip
