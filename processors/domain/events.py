"""The names of events, and which page views are also touchpoints."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from processors.domain.referrers import external_host
from processors.domain.urls import MARKETING, marketing


class StandardEvent(StrEnum):
    """The 18 events that platforms have names for; anything else is a custom event."""

    PAGE_VIEW = "PageView"
    VIEW_CONTENT = "ViewContent"
    SEARCH = "Search"
    ADD_TO_CART = "AddToCart"
    ADD_TO_WISHLIST = "AddToWishlist"
    INITIATE_CHECKOUT = "InitiateCheckout"
    ADD_PAYMENT_INFO = "AddPaymentInfo"
    PURCHASE = "Purchase"
    LEAD = "Lead"
    COMPLETE_REGISTRATION = "CompleteRegistration"
    CONTACT = "Contact"
    CUSTOMIZE_PRODUCT = "CustomizeProduct"
    DONATE = "Donate"
    FIND_LOCATION = "FindLocation"
    SCHEDULE = "Schedule"
    START_TRIAL = "StartTrial"
    SUBMIT_APPLICATION = "SubmitApplication"
    SUBSCRIBE = "Subscribe"


class EventType(StrEnum):
    """The standard events that are conversions: all but those of somebody who only looks."""

    ADD_TO_CART = StandardEvent.ADD_TO_CART
    ADD_TO_WISHLIST = StandardEvent.ADD_TO_WISHLIST
    INITIATE_CHECKOUT = StandardEvent.INITIATE_CHECKOUT
    ADD_PAYMENT_INFO = StandardEvent.ADD_PAYMENT_INFO
    PURCHASE = StandardEvent.PURCHASE
    LEAD = StandardEvent.LEAD
    COMPLETE_REGISTRATION = StandardEvent.COMPLETE_REGISTRATION
    CONTACT = StandardEvent.CONTACT
    CUSTOMIZE_PRODUCT = StandardEvent.CUSTOMIZE_PRODUCT
    DONATE = StandardEvent.DONATE
    FIND_LOCATION = StandardEvent.FIND_LOCATION
    SCHEDULE = StandardEvent.SCHEDULE
    START_TRIAL = StandardEvent.START_TRIAL
    SUBMIT_APPLICATION = StandardEvent.SUBMIT_APPLICATION
    SUBSCRIBE = StandardEvent.SUBSCRIBE


SHOPIFY_PIXEL_EVENTS: Final[dict[str, StandardEvent]] = {
    "page_viewed": StandardEvent.PAGE_VIEW,
    "product_viewed": StandardEvent.VIEW_CONTENT,
    "search_submitted": StandardEvent.SEARCH,
    "product_added_to_cart": StandardEvent.ADD_TO_CART,
    "checkout_started": StandardEvent.INITIATE_CHECKOUT,
    "payment_info_submitted": StandardEvent.ADD_PAYMENT_INFO,
    "checkout_completed": StandardEvent.PURCHASE,
}
"""Shopify's names for web pixel events; what is not here keeps its own name."""

GA4_EVENTS: Final[dict[str, StandardEvent]] = {
    "page_view": StandardEvent.PAGE_VIEW,
    "view_item": StandardEvent.VIEW_CONTENT,
    "search": StandardEvent.SEARCH,
    "view_search_results": StandardEvent.SEARCH,
    "add_to_cart": StandardEvent.ADD_TO_CART,
    "add_to_wishlist": StandardEvent.ADD_TO_WISHLIST,
    "begin_checkout": StandardEvent.INITIATE_CHECKOUT,
    "add_payment_info": StandardEvent.ADD_PAYMENT_INFO,
    "purchase": StandardEvent.PURCHASE,
    "generate_lead": StandardEvent.LEAD,
    "sign_up": StandardEvent.COMPLETE_REGISTRATION,
}
"""GA4's recommended names; what is not here keeps its own name."""

SEGMENT_EVENTS: Final[dict[str, StandardEvent]] = {
    "product viewed": StandardEvent.VIEW_CONTENT,
    "products searched": StandardEvent.SEARCH,
    "product added": StandardEvent.ADD_TO_CART,
    "product added to wishlist": StandardEvent.ADD_TO_WISHLIST,
    "checkout started": StandardEvent.INITIATE_CHECKOUT,
    "payment info entered": StandardEvent.ADD_PAYMENT_INFO,
    "order completed": StandardEvent.PURCHASE,
    "signed up": StandardEvent.COMPLETE_REGISTRATION,
}
"""Segment's ecommerce spec, version 2, in lower case; what is not here keeps its own name."""

_PAGE_VIEW: Final = str(StandardEvent.PAGE_VIEW)


def is_touch(event: Mapping[str, object], *, own_host: str | None = None) -> bool:
    """Whether a page view brings news of marketing, or starts a session."""
    if event.get("event_name") != _PAGE_VIEW:
        return False
    if event.get("session_start") is True or any(event.get(name) for name in MARKETING):
        return True
    url, referrer = event.get("url"), event.get("referrer")
    page = url if isinstance(url, str) else None
    if page and marketing(page):
        return True
    came_from = referrer if isinstance(referrer, str) else None
    return bool(external_host(came_from, url=page, own_host=own_host))
