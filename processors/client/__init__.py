"""The client for servers: tells a gateway of visits, events, orders, ids and consent.

    with Client("https://collect.shop.example", key) as client:
        client.touchpoint(visitor_id="v-1", url="https://shop.example/?utm_source=google")
        client.order(order_id=1001, ordered_at=now, revenue="129.90", currency="EUR",
                     visitor_id="v-1")
        with Buffer(client) as buffer:
            shop = EcommerceTracker(buffer, currency="EUR")
            shop.add_to_cart(visitor_id="v-1", contents=[{"product_id": 7, "price": "9.90"}])

Every item has an id before it leaves, so that a call may be repeated, by the client or by you, and
counts once. `AsyncClient` and `AsyncBuffer` are the same for an event loop; `ga4` has the calls of
GA4's tag; `alert.opened` proves what an alert's webhook brings. Of the pipeline this package needs
`schemas` and `processors.domain` alone.
"""

from processors.client.answers import (
    Answers,
    ClientError,
    ItemRejected,
    Receipt,
    Rejection,
    RequestRefused,
    Unavailable,
    Unfinished,
)
from processors.client.asynchronous import AsyncClient
from processors.client.asynchronous_buffer import AsyncBuffer
from processors.client.blocking import Client
from processors.client.buffer import Buffer
from processors.client.conversation import Limits
from processors.client.ecommerce import EcommerceTracker
from processors.client.fields import Consent, Event, Identify, Order, Touchpoint
from processors.client.ga4 import init_ga4
from processors.client.items import BadItem
from processors.client.unified import Sent, UnifiedConversionsAPI, UnifiedEventsAPI
from processors.domain.event_names import platform_name
from processors.domain.events import EventType, StandardEvent
from processors.domain.quality.match import UserData

__all__ = [
    "Answers",
    "AsyncBuffer",
    "AsyncClient",
    "BadItem",
    "Buffer",
    "Client",
    "ClientError",
    "Consent",
    "EcommerceTracker",
    "Event",
    "EventType",
    "Identify",
    "ItemRejected",
    "Limits",
    "Order",
    "Receipt",
    "Rejection",
    "RequestRefused",
    "Sent",
    "StandardEvent",
    "Touchpoint",
    "Unavailable",
    "Unfinished",
    "UnifiedConversionsAPI",
    "UnifiedEventsAPI",
    "UserData",
    "init_ga4",
    "platform_name",
]
