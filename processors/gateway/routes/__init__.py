"""One file per source of events; importing this package fills the table of handlers.

To add a source: a file here with a `@handler`, and its name in the import below.
"""

from processors.gateway.routes import (
    beacon,
    capi,
    checkout,
    consent,
    ecommerce,
    events,
    ga4,
    identify,
    offline,
    orders,
    pixel,
    quality,
    redirect,
    sdk_settings,
    segment,
    shopify,
    spend,
    survey,
    touchpoints,
    webhooks,
)

__all__ = [
    "beacon",
    "capi",
    "checkout",
    "consent",
    "ecommerce",
    "events",
    "ga4",
    "identify",
    "offline",
    "orders",
    "pixel",
    "quality",
    "redirect",
    "sdk_settings",
    "segment",
    "shopify",
    "spend",
    "survey",
    "touchpoints",
    "webhooks",
]
