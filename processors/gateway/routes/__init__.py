"""One file per source of events; importing this package fills the table of handlers.

To add a source: a file here with a `@handler`, and its name in the import below.
"""

from processors.gateway.routes import (
    capi,
    checkout,
    consent,
    ecommerce,
    events,
    identify,
    offline,
    orders,
    shopify,
    spend,
    survey,
    touchpoints,
)

__all__ = [
    "capi",
    "checkout",
    "consent",
    "ecommerce",
    "events",
    "identify",
    "offline",
    "orders",
    "shopify",
    "spend",
    "survey",
    "touchpoints",
]
