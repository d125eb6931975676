"""Arrivals, sessions and views: what a visitor does is on the log, once."""

from processors.identity.rows import touch_of_event
from schemas.pixel_event import PixelEvent
from tests.integration.gateway.running import BROWSER_KEY
from tests.integration.pixel.browser import Browser
from tests.integration.pixel.conftest import Log
from tests.integration.pixel.shop import Shop

LANDING = "/product.html?utm_source=google&utm_medium=cpc&utm_campaign=hats&gclid=Cj0+x&size=m"


def names(events: list[PixelEvent]) -> list[str]:
    """Their names in order of time."""
    return [event.event_name for event in events]


def views(events: list[PixelEvent]) -> list[PixelEvent]:
    """The page views."""
    return [event for event in events if event.event_name == "PageView"]


def test_a_landing_is_a_touch_and_the_next_page_is_not(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url(LANDING))
    browser.go(shop.url("/cart.html"))
    browser.sent()
    landing, view, cart = log.events(shop, 3)

    touch = touch_of_event(landing)
    assert touch is not None
    assert (touch.channel, touch.platform, touch.utm_campaign) == ("paid_search", "google", "hats")
    assert touch.gclid == "Cj0+x"
    assert (landing.session_start, cart.session_start) == (True, False)
    assert touch_of_event(cart) is None
    assert view.marketing.gclid == "Cj0+x", "later events carry the click that led here"
    assert len({(event.visitor_id, event.session_id) for event in (landing, view, cart)}) == 1
    assert len({event.event_id for event in (landing, view, cart)}) == 3
    assert landing.properties == {"device_type": "desktop"}
    assert (view.value, view.currency, view.contents[0].product_id) == (6_495, "USD", "7")


def test_the_first_touch_stays_and_the_last_one_follows(browser: Browser, shop: Shop) -> None:
    browser.go(shop.url("/product.html?utm_source=news&utm_medium=email"))
    browser.go(shop.url("/product.html?fbclid=IwAR-1&ref=ann"))
    browser.go(shop.url("/product.html"))
    summary = browser.js("return attributary.getAttributionSummary()")

    assert (summary["first_source"], summary["first_medium"]) == ("news", "email")
    assert (summary["last_click_id_name"], summary["last_click_id"]) == ("fbclid", "IwAR-1")
    assert summary["last_touch"]["ref"] == "ann"
    cookies = {each["name"]: each for each in browser.driver.get_cookies()}
    assert {"_attributary", "_attributary_id", "_attributary_session"} <= cookies.keys()
    # On the broadest domain: one visitor on all hosts of the shop.
    assert "." + cookies["_attributary_id"]["domain"].lstrip(".") == shop.host.replace("www", "")
    assert cookies["_fbp"]["value"].startswith("fb.1.")
    assert cookies["_fbc"]["value"].split(".")[3] == "IwAR-1"


def test_a_referrer_from_outside_is_a_touch_but_a_reload_is_not(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.driver.get(shop.elsewhere(shop.url("/product.html")))
    browser.js("document.getElementById('next').href = location.hash.slice(1)")
    browser.click("next")
    browser.ready()
    browser.driver.refresh()
    browser.ready()
    browser.sent()
    first, again = views(log.events(shop, 4))

    touch = touch_of_event(first)
    assert touch is not None
    assert (touch.channel, touch.referrer) == ("referral", first.browser.referrer)
    assert touch_of_event(again) is None


def test_a_reloaded_landing_page_is_one_touch(browser: Browser, shop: Shop, log: Log) -> None:
    browser.go(shop.url(LANDING))
    browser.driver.refresh()
    browser.ready()
    browser.sent()
    first, again = views(log.events(shop, 4))

    assert touch_of_event(first) is not None
    assert touch_of_event(again) is None
    assert again.browser.url == shop.url("/product.html?size=m")


def test_two_tabs_are_one_visit_and_nothing_is_told_twice(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url("/product.html"))
    with browser.tab() as first:
        browser.go(shop.url("/cart.html"))
        here = browser.driver.current_window_handle
        for number in range(10):
            for handle in (first, here):
                browser.driver.switch_to.window(handle)
                browser.js("attributary('track', 'Pinged', {n: arguments[0]})", number)
        browser.driver.switch_to.window(here)
        browser.sent()
    events = log.events(shop, 23)

    assert len({event.visitor_id for event in events}) == 1
    assert len({event.session_id for event in events}) == 1
    assert sum(event.session_start for event in events) == 1
    assert len({event.event_id for event in events}) == len(events)
    assert names(events).count("Pinged") == 20
    assert names(events).count("PageView") == 2


def test_pages_of_a_single_page_shop_are_views(browser: Browser, shop: Shop, log: Log) -> None:
    browser.go(shop.url(LANDING))
    browser.js("history.replaceState({}, '', location.href)")  # the same page
    browser.js("history.pushState({}, '', '/hats?page=2')")
    browser.js("history.pushState({}, '', '/hats/7')")
    browser.js("history.back()")
    browser.until("return location.search === '?page=2'")
    browser.sent()
    found = views(log.events(shop, 5))

    paths = [(event.browser.url or "").partition(f":{shop.port}")[2] for event in found]
    assert paths == [LANDING, "/hats?page=2", "/hats/7", "/hats?page=2"]
    assert found[1].browser.referrer == found[0].browser.url
    assert [touch_of_event(event) is not None for event in found] == [True, False, False, False]


def test_a_page_out_of_the_back_forward_cache_is_a_view_but_no_touch(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url(LANDING))
    browser.sent()
    browser.click("next")
    browser.until("return document.body?.id === 'cart' && !!window.attributary?.loaded")
    browser.driver.back()
    browser.until("return window.cameBack")
    browser.js("attributary('track', 'Returned')")
    browser.sent()
    events = log.events(shop, 5)

    assert names(events) == ["PageView", "ViewContent", "PageView", "PageView", "Returned"]
    assert touch_of_event(events[3]) is None
    assert len({event.event_id for event in events}) == 5


def test_the_same_campaign_twice_is_two_touches(browser: Browser, shop: Shop, log: Log) -> None:
    shop.open(BROWSER_KEY, page_views=False)
    for _ in range(2):
        browser.go(shop.url("/cart.html?utm_source=news&utm_medium=email"))
        browser.js("attributary('page'); attributary('page')")
        browser.sent()
    found = log.events(shop, 4)

    assert [touch_of_event(event) is not None for event in found] == [True, False, True, False]


def test_a_shop_may_tell_of_its_pages_itself(browser: Browser, shop: Shop, log: Log) -> None:
    shop.open(BROWSER_KEY, page_views=False)
    browser.go(shop.url("/cart.html"))
    browser.js("history.pushState({}, '', '/elsewhere')")
    browser.js("attributary('trackPageView', {kind: 'own'})")
    browser.sent()
    (event,) = log.events(shop, 1)

    assert (event.event_name, event.session_start) == ("PageView", True)
    assert event.properties == {"device_type": "desktop", "kind": "own"}
