"""Networks that go, gateways that are away, pages that close: every event comes, once."""

from collections import Counter
from collections.abc import Iterable

import pytest

from schemas.pixel_event import PixelEvent
from tests.integration.gateway.running import Gateway
from tests.integration.pixel.browser import OFFLINE, ONLINE, Browser
from tests.integration.pixel.conftest import Log
from tests.integration.pixel.shop import Shop

BLOCKED = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }});
Object.defineProperty(document, 'cookie', {
  get() { throw new DOMException('no', 'SecurityError') },
  set() { throw new DOMException('no', 'SecurityError') },
});
window.errors = [];
addEventListener('error', e => errors.push(e.message));
addEventListener('unhandledrejection', e => errors.push(String(e.reason)));
"""


def pings(events: Iterable[PixelEvent]) -> dict[object, int]:
    """How often each number was told, under how many ids it should be one."""
    found = [event for event in events if event.event_name == "Pinged"]
    assert len({event.event_id for event in found}) == len(found)
    return Counter((event.properties or {}).get("n") for event in found)


def ping(browser: Browser, numbers: Iterable[int]) -> None:
    """Tell of a few events."""
    for number in numbers:
        browser.js("attributary('track', 'Pinged', {n: arguments[0]})", number)


def test_what_happens_offline_comes_when_the_network_is_back(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url("/cart.html"))
    browser.sent()
    browser.network(OFFLINE)
    try:
        ping(browser, range(5))
        assert browser.js("return navigator.onLine") is False
    finally:
        browser.network(ONLINE)
    ping(browser, range(5, 7))
    browser.sent()

    assert pings(log.events(shop, 8)) == dict.fromkeys(range(7), 1)


def test_what_a_closed_page_could_not_send_another_page_sends(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url("/cart.html"))
    browser.sent()
    with browser.tab():
        browser.go(shop.url("/cart.html"))
        browser.sent()
        browser.network(OFFLINE)
        ping(browser, range(5))
        browser.driver.get("about:blank")  # the page is gone, and nothing has been sent
        browser.network(ONLINE)
    browser.driver.refresh()
    browser.ready()
    browser.sent()

    assert pings(log.events(shop, 8)) == dict.fromkeys(range(5), 1)


def test_what_a_page_tells_as_it_goes_is_not_lost(browser: Browser, shop: Shop, log: Log) -> None:
    browser.go(shop.url("/cart.html"))
    for number in range(3):
        browser.js(
            "attributary('track', 'Pinged', {n: arguments[0]}); location.href = '/cart.html?' + "
            "arguments[0]",
            number,
        )
        browser.until(f"return location.search === '?{number}' && !!window.attributary?.loaded")
    browser.sent()

    assert pings(log.events(shop, 7)) == dict.fromkeys(range(3), 1)


def test_a_gateway_that_is_away_gets_everything_later(
    browser: Browser, shop: Shop, log: Log, gateway: Gateway
) -> None:
    browser.go(shop.url("/cart.html"))
    browser.sent()
    gateway.kill()
    ping(browser, range(5))
    browser.until("return Object.keys(localStorage).some(k => localStorage[k].includes('Pinged'))")
    gateway.start_again()
    browser.sent()

    assert pings(log.events(shop, 6)) == dict.fromkeys(range(5), 1)


def test_what_waits_is_bounded_and_the_oldest_goes_first(browser: Browser, shop: Shop) -> None:
    browser.go(shop.url("/cart.html"))
    browser.sent()
    browser.network(OFFLINE)
    try:
        # Of two in one millisecond either may be the older.
        browser.js(
            "for (let n = 0; n < 230; n++) {"
            " const now = Date.now(); while (n < 40 && Date.now() === now);"
            " attributary('track', 'Pinged', {n}) }"
        )
        waiting = browser.js(
            "return Object.keys(localStorage).filter(k => k.startsWith('_attributary_q.'))"
            ".map(k => JSON.parse(localStorage[k]).item.properties.n).sort((a, b) => a - b)"
        )
        browser.js("localStorage.clear()")
    finally:
        browser.network(ONLINE)

    assert waiting == list(range(30, 230))


@pytest.mark.parametrize("blocked", ["", "cookies"])
def test_a_browser_that_stores_nothing_still_tells_and_the_shop_works(
    browser: Browser, shop: Shop, log: Log, blocked: str
) -> None:
    if blocked:
        browser.driver.execute_cdp_cmd("Emulation.setDocumentCookieDisabled", {"disabled": True})
    try:
        with browser.on_every_page("" if blocked else BLOCKED):
            browser.go(shop.url("/product.html?utm_source=news"))
            browser.click("buy")
            errors = browser.js("return window.errors ?? []")
            assert not blocked or browser.js("return document.cookie") == ""
            events = log.events(shop, 3)
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setDocumentCookieDisabled", {"disabled": False})

    assert errors == []
    assert [event.event_name for event in events] == ["PageView", "ViewContent", "AddToCart"]
    assert len({event.visitor_id for event in events}) == 1
    assert len({event.session_id for event in events}) == 1


def test_nothing_is_thrown_into_the_page(browser: Browser, shop: Shop, log: Log) -> None:
    browser.go(shop.url("/cart.html"))
    odd = [
        "attributary()",
        "attributary('nothing', 1)",
        "attributary('track')",
        "attributary('track', 'Odd', null)",
        "attributary('track', Symbol('x'), {a: 1n})",
        "attributary('consent')",
        "attributary('identify', null)",
        "attributary('eventId', 'meta', 'Purchase')",
        "attributary.track(undefined, {user_data: 7})",
        "dataLayer = [null, 7]",
    ]
    for call in odd:
        browser.js(call)

    assert browser.complaints() == []
    browser.js("attributary('track', 'Pinged', {n: 1})")
    assert pings(log.events(shop, 2))[1] == 1, "an event that is none stops no other"
