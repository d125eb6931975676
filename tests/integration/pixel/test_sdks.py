"""The browser SDKs of Segment and RudderStack, told of nothing but the gateway: every message
comes, and what comes twice comes under one id."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from processors.domain.hashing import email_hash
from processors.identity.rows import touch_of_event
from schemas.pixel_event import PixelEvent
from tests.integration.gateway.running import BROWSER_KEY, Gateway
from tests.integration.pixel import bundled
from tests.integration.pixel.browser import OFFLINE, ONLINE, Browser, until
from tests.integration.pixel.conftest import Log
from tests.integration.pixel.shop import Shop

LANDING: Final = "?utm_source=news&utm_medium=email&utm_campaign=fall&gclid=G1"
HAT: Final = {"product_id": "p1", "name": "Hat", "price": 19.99, "quantity": 2}
ORDER: Final = {"order_id": "1001", "total": 41.97, "currency": "EUR", "products": [HAT]}

SURE: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "segment": ("segment", {}),
    "segment-batches": (
        "segment",
        {"deliveryStrategy": {"strategy": "batching", "config": {"timeout": 300}}},
    ),
    "rudderstack": ("rudderstack", {}),
    "rudderstack-batches": (
        "rudderstack",
        {"queueOptions": {"batch": {"enabled": True, "flushInterval": 300}}},
    ),
}
"""How an SDK sends when it waits for an answer: its bundle and its options."""
BEACON: Final = {"rudderstack-beacon": ("rudderstack", {"useBeacon": True})}
"""A beacon has no answer, so that the SDK cannot know what was lost with the network."""

A_MINUTE_LATER: Final = """
if (location.protocol === 'http:')
  for (const name of Object.keys(localStorage))
    if (/^rudder_.*\\.ack$/.test(name)) localStorage[name] = JSON.parse(localStorage[name]) - 60000
"""
"""RudderStack's SDK takes over the queue of a page that has been gone for ten seconds."""


@dataclass
class Visit:
    """Somebody in a shop that has the SDKs, each way of sending on a page of its own."""

    browser: Browser
    shop: Shop
    log: Log

    def go(self, way: str, query: str = "") -> None:
        """Open a page, which tells of itself, and wait until the SDK has its settings."""
        self.browser.driver.get(self.shop.url(f"/{way}.html{query}"))
        self.browser.until("return window.settled")

    def tell(self, kind: str, *said: Any) -> None:
        """Call the SDK of the page."""
        self.browser.js("tell(...arguments)", kind, *said)

    def look_around(self, way: str) -> None:
        """Land, and tell something of every kind."""
        self.go(way, LANDING)
        self.tell("track", "Product Viewed", {**HAT, "currency": "EUR"})
        self.tell("alias", "customer-1")
        self.tell("identify", "customer-1", {"email": "a@example.com", "plan": "gold"})
        self.tell("group", "firm-1", {"size": 7})
        self.tell("track", "Product Added", {**HAT, "currency": "EUR"})

    def told(self, count: int) -> list[str]:
        """The ids of everything that was told, in order; there are so many."""

        def made() -> dict[str, float] | None:
            said = self.browser.js("return Object.entries(localStorage)")
            times = {k.removeprefix("made."): float(v) for k, v in said if k.startswith("made.")}
            return times if len(times) >= count else None

        times: dict[str, float] = until(made)
        assert len(times) == count
        return sorted(times, key=lambda message: times[message])

    def arrived(self, ids: list[str]) -> list[PixelEvent]:
        """The events of the messages, in order, once all have come."""

        def all_of_them() -> dict[str, list[PixelEvent]] | None:
            by_id = defaultdict(list)
            for event in self.log.events(self.shop, 1):
                by_id[event.event_id].append(event)
            return by_id if by_id.keys() >= set(ids) else None

        found: dict[str, list[PixelEvent]] = until(all_of_them)
        assert found.keys() == set(ids), "an id that the SDK has not made"
        for again in found.values():
            assert len({(e.event_name, e.occurred_at, e.visitor_id, e.value) for e in again}) == 1
        return [found[event_id][0] for event_id in ids]


@pytest.fixture
def visit(browser: Browser, shop: Shop, log: Log, gateway: Gateway) -> Iterator[Visit]:
    """A shop with all the SDKs."""
    for way, (sdk, options) in {**SURE, **BEACON}.items():
        page = bundled.page(sdk, options, key=BROWSER_KEY, gateway=gateway.url)
        shop.files |= {f"/{way}.html": page, f"/{sdk}.js": bundled.script(sdk)}
    browser.complaints()
    yield Visit(browser, shop, log)
    told = [line for line in browser.complaints() if line["source"] != "console-api"]
    assert told == [], "the gateway is all that the pages may ask"


def judge_looking_around(events: list[PixelEvent]) -> None:
    """The first six messages are read as what they are."""
    landing, viewed, alias, identify, group, added = events[:6]

    assert [event.event_name for event in events[:6]] == [
        "PageView", "ViewContent", "alias", "identify", "group", "AddToCart",
    ]  # fmt: skip
    assert len({event.visitor_id for event in events}) == 1
    assert touch_of_event(landing) is not None
    assert (landing.marketing.utm_source, landing.marketing.utm_campaign) == ("news", "fall")
    for event in (viewed, added):
        (hat,) = event.contents
        assert (hat.product_id, hat.price, hat.quantity) == ("p1", 1_999, 2)
        assert event.currency == "EUR"
    for event in (alias, identify, group, added):
        assert event.identifiers.customer_id == "customer-1"
    assert identify.identifiers.email_sha256 == email_hash("a@example.com")
    assert (identify.properties or {})["plan"] == "gold"
    assert (group.properties or {})["group_id"] == "firm-1"


def judge_order(event: PixelEvent) -> None:
    """A checkout or a purchase."""
    assert (event.order_id, event.value, event.currency) == ("1001", 4_197, "EUR")
    assert [(hat.product_id, hat.price, hat.quantity) for hat in event.contents] == [
        ("p1", 1999, 2)
    ]


@pytest.mark.parametrize("way", SURE)
def test_what_an_sdk_is_told_comes_though_pages_and_the_network_go(visit: Visit, way: str) -> None:
    before = time.time() * 1_000
    visit.look_around(way)
    visit.go(way, "?2")  # at once: whatever has not been sent yet must come, too
    visit.browser.network(OFFLINE)
    try:
        visit.tell("track", "Checkout Started", ORDER)
        visit.told(8)
        visit.browser.driver.get("about:blank")
    finally:
        visit.browser.network(ONLINE)
    after = time.time() * 1_000
    with visit.browser.on_every_page(A_MINUTE_LATER):
        visit.go(way, "?3")
    events = visit.arrived(visit.told(9))

    judge_looking_around(events)
    assert [e.event_name for e in events[6:]] == ["PageView", "InitiateCheckout", "PageView"]
    judge_order(events[7])
    assert all(before - 1 <= event.occurred_at <= after for event in events[:8])


def test_a_beacon_is_sent_as_the_page_goes(visit: Visit) -> None:
    (way,) = BEACON
    visit.look_around(way)
    visit.go(way, "?2")
    told = visit.told(7)
    visit.browser.driver.get("about:blank")

    judge_looking_around(visit.arrived(told))


def test_a_gateway_that_is_away_gets_what_the_sdks_were_told(
    visit: Visit, gateway: Gateway
) -> None:
    def is_back() -> bool:
        try:
            return httpx.get(f"{gateway.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    tabs = []
    *others, last = reversed(SURE)
    with ExitStack() as stack:
        for way in (*others, last):
            stack.enter_context(visit.browser.tab())
            visit.go(way)
            tabs.append(visit.browser.driver.current_window_handle)
        visit.arrived(visit.told(4))
        gateway.kill()
        gateway.start_again()
        for tab in tabs:
            visit.browser.driver.switch_to.window(tab)
            visit.tell("track", "Order Completed", ORDER)
        until(is_back)
        visit.go(last)  # which waits longer and longer, but begins anew with each page
        events = visit.arrived(visit.told(9))

    assert [event.event_name for event in events[4:]] == ["Purchase"] * 4 + ["PageView"]
    for event in events[4:8]:
        judge_order(event)
