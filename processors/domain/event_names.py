"""What each destination calls the standard events, as browser and server must both say it: a
platform takes the two for one only when their names are equal, too.

Meta's names are ours. A custom event keeps its own name, but for GA4 and what speaks its protocol,
where `RemoveFromCart` is `remove_from_cart`, and for those that take no names but their own.
"""

import re
from collections.abc import Mapping
from typing import Final

from processors.domain.events import StandardEvent
from schemas.delivery import Platform

_WORDS: Final = re.compile(r"([a-z])([A-Z])")


def snake(name: str) -> str:
    """`AddToCart` as `Add_To_Cart`."""
    return _WORDS.sub(r"\1_\2", name)


def _table(own: Mapping[StandardEvent, str], *, upper: bool = False) -> dict[str, str]:
    """Every standard event: its own name, else ours with underscores."""
    return {
        str(event): own.get(event) or (snake(event).upper() if upper else snake(event).lower())
        for event in StandardEvent
    }


_E: Final = StandardEvent
_OURS: Final = {str(event): str(event) for event in StandardEvent}

GA4: Final = _table(
    {
        _E.VIEW_CONTENT: "view_item",
        _E.INITIATE_CHECKOUT: "begin_checkout",
        _E.LEAD: "generate_lead",
        _E.COMPLETE_REGISTRATION: "sign_up",
    }
)
"""Recommended names; from Contact to Subscribe, Lead and CompleteRegistration aside, GA4 has none
and the names are our choice."""
TIKTOK: Final = _OURS | {"PageView": "Pageview"}
"""Donate is a custom event there. A pixel of before 2025 may say `CompletePayment` for Purchase;
then the connector must, too."""
SNAPCHAT: Final = _table(
    {
        _E.ADD_TO_CART: "ADD_CART",
        _E.INITIATE_CHECKOUT: "START_CHECKOUT",
        _E.ADD_PAYMENT_INFO: "ADD_BILLING",
        _E.LEAD: "SIGN_UP",
        _E.COMPLETE_REGISTRATION: "SIGN_UP",
        _E.SCHEDULE: "RESERVE",
        _E.CONTACT: "CUSTOM_EVENT_1",
        _E.CUSTOMIZE_PRODUCT: "CUSTOM_EVENT_2",
        _E.DONATE: "CUSTOM_EVENT_3",
        _E.FIND_LOCATION: "CUSTOM_EVENT_4",
        _E.SUBMIT_APPLICATION: "CUSTOM_EVENT_5",
    },
    upper=True,
)
"""There are five custom events and no more; which is which is our choice."""
PINTEREST: Final = _table(
    {
        _E.PAGE_VIEW: "page_visit",
        _E.PURCHASE: "checkout",
        _E.COMPLETE_REGISTRATION: "signup",
        _E.DONATE: "custom",
    }
)
LINKEDIN: Final = _table(
    {
        _E.PAGE_VIEW: "KEY_PAGE_VIEW",
        _E.ADD_TO_WISHLIST: "ADD_TO_LIST",
        _E.INITIATE_CHECKOUT: "START_CHECKOUT",
        _E.ADD_PAYMENT_INFO: "ADD_BILLING_INFO",
        _E.COMPLETE_REGISTRATION: "COMPLETE_SIGNUP",
        _E.CUSTOMIZE_PRODUCT: "OTHER",
        _E.FIND_LOCATION: "OTHER",
    },
    upper=True,
)
"""Types of conversion rules."""
KLAVIYO: Final = {
    "PageView": "Active on Site",
    "ViewContent": "Viewed Product",
    "Search": "Searched Site",
    "AddToCart": "Added to Cart",
    "AddToWishlist": "Added to Wishlist",
    "InitiateCheckout": "Started Checkout",
    "AddPaymentInfo": "Added Payment Info",
    "Purchase": "Placed Order",
    "Lead": "Submitted Form",
    "CompleteRegistration": "Created Account",
    "Contact": "Contacted",
    "CustomizeProduct": "Customized Product",
    "Donate": "Donated",
    "FindLocation": "Found Location",
    "Schedule": "Scheduled Appointment",
    "StartTrial": "Started Trial",
    "SubmitApplication": "Submitted Application",
    "Subscribe": "Subscribed",
}
WHATSAPP: Final = {
    "ViewContent": "ViewContent",
    "AddToCart": "AddToCart",
    "InitiateCheckout": "InitiateCheckout",
    "Purchase": "Purchase",
    "Lead": "LeadSubmitted",
}
"""Of an event of a chat Meta takes these names and refuses every other."""
GOOGLE_ADS: Final = dict.fromkeys(_OURS, "DEFAULT") | {
    "PageView": "PAGE_VIEW",
    "ViewContent": "PAGE_VIEW",
    "AddToCart": "ADD_TO_CART",
    "InitiateCheckout": "BEGIN_CHECKOUT",
    "Purchase": "PURCHASE",
    "Lead": "SUBMIT_LEAD_FORM",
    "CompleteRegistration": "SIGNUP",
    "Contact": "CONTACT",
    "FindLocation": "GET_DIRECTIONS",
    "Schedule": "BOOK_APPOINTMENT",
    "Subscribe": "SUBSCRIBE_PAID",
}
"""No events there, but conversion actions of the customer's: this is the category of the action
that an event belongs to, not something that is sent with it."""

NAMES: Final[Mapping[Platform, Mapping[str, str]]] = {
    "meta": _OURS,
    "ga4": GA4,
    "sgtm": GA4,
    "google_ads": GOOGLE_ADS,
    "tiktok": TIKTOK,
    "snapchat": SNAPCHAT,
    "pinterest": PINTEREST,
    "linkedin": LINKEDIN,
    "klaviyo": KLAVIYO,
    "whatsapp": WHATSAPP,
}
"""By destination. Microsoft Ads and affiliate networks know goals of the customer's, MNTN no events
at all: they have no names to list."""

_OWN_NAMES_ONLY: Final = frozenset({"google_ads", "snapchat", "linkedin", "whatsapp"})


def platform_name(event: str, platform: Platform) -> str | None:
    """What the platform calls the event; None when it has no name for it.

    >>> platform_name("InitiateCheckout", "ga4"), platform_name("Purchase", "snapchat")
    ('begin_checkout', 'PURCHASE')
    >>> platform_name("RemoveFromCart", "ga4"), platform_name("RemoveFromCart", "meta")
    ('remove_from_cart', 'RemoveFromCart')
    >>> platform_name("Lead", "whatsapp"), platform_name("PageView", "whatsapp")
    ('LeadSubmitted', None)
    """
    names = NAMES.get(platform)
    if names is None:
        return None
    known = names.get(event)
    if known is not None or platform in _OWN_NAMES_ONLY:
        return known
    if platform == "pinterest":
        return "custom"
    return snake(event).lower() if names is GA4 else event
