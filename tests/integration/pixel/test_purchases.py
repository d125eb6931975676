"""The ids under which browser and gateway tell platforms, the tags, the cart."""

from typing import Any

from processors.dedupe.handle import Source, Subject
from processors.domain.ids import purchase_event_id
from processors.gateway import attributes
from schemas.envelope import Consent
from schemas.pixel_event import PixelEvent
from schemas.stitched_event import StitchedEvent
from tests.integration.gateway.running import BROWSER_KEY
from tests.integration.pixel.browser import Browser, until
from tests.integration.pixel.conftest import Log
from tests.integration.pixel.shop import Shop

VENDORS = {
    "ga4": "G-TEST1",
    "google_ads": "AW-1",
    "meta": "1234567890",
    "tiktok": "C4TEST",
    "snapchat": "snap-1",
}
SCRIPTS = "return [...document.scripts].map(s => s.src).filter(s => !s.includes('localhost'))"
FIRED = """return {
  meta: window.fbq?.queue.map(a => [...a]) ?? [],
  tiktok: window.ttq?.map(a => [...a]) ?? [],
  snapchat: window.snaptr?.queue.map(a => [...a]) ?? [],
  google: (window.dataLayer ?? []).map(a => [...a]),
}"""


def id_at(platform: str, event: PixelEvent) -> str:
    """The id under which the pipeline tells the platform of the event."""
    stitched = StitchedEvent(tenant_id=event.tenant_id, consent=Consent(), event=event)
    subject = Subject(place=0, source=Source("stitched_events.v1", 0, 0), about=stitched)
    return subject.event_id(platform)


def fired(browser: Browser, platform: str, name: str) -> list[Any]:
    """The calls of the event that wait for the platform's script."""
    calls = until(
        lambda: [c for c in browser.js(FIRED)[platform] if c[0] != "init" and name in c[1:2]]
    )
    return list(calls)


def test_tags_tell_under_the_ids_of_the_gateway(browser: Browser, shop: Shop, log: Log) -> None:
    shop.open(BROWSER_KEY, tenant="demo", vendors={**VENDORS, "tiktok_purchase": "CompletePayment"})
    browser.go(shop.url("/checkout.html"))
    (started,) = fired(browser, "meta", "InitiateCheckout")
    (begun,) = fired(browser, "tiktok", "InitiateCheckout")
    view, checkout = log.events(shop, 2)
    (viewed,) = fired(browser, "meta", "PageView")

    assert started[3]["eventID"] == id_at("meta", checkout)
    assert begun[3]["event_id"] == id_at("tiktok", checkout)
    assert viewed[3]["eventID"] == id_at("meta", view) == view.event_id
    assert started[2]["content_ids"] == ["7"]

    browser.go(shop.url("/thanks.html?order=gid://shopify/Order/1001"))
    (bought,) = fired(browser, "meta", "Purchase")
    (paid,) = fired(browser, "tiktok", "CompletePayment")
    (snapped,) = fired(browser, "snapchat", "PURCHASE")
    wanted = {
        platform: purchase_event_id(tenant="demo", source="api", order_id="1001", platform=platform)
        for platform in ("meta", "tiktok", "snapchat")
    }
    assert bought[3]["eventID"] == wanted["meta"]
    assert (bought[2]["value"], bought[2]["currency"]) == (64.95, "USD")
    assert paid[3]["event_id"] == wanted["tiktok"]
    assert snapped[2]["client_dedup_id"] == wanted["snapchat"]
    assert (snapped[2]["price"], snapped[2]["transaction_id"]) == (64.95, "1001")
    google = browser.js(FIRED)["google"]
    assert ["config", "G-TEST1", {"send_page_view": False}] in google
    assert [call for call in google if call[0] == "event"] == [], "GA4 hears of it from one sender"
    sources = browser.js(SCRIPTS)
    for part in ("gtag/js?id=G-TEST1", "fbevents.js", "events.js?sdkid=C4TEST", "scevent.min.js"):
        assert any(part in source for source in sources)


def test_a_reloaded_thank_you_page_is_one_purchase(browser: Browser, shop: Shop, log: Log) -> None:
    browser.go(shop.url("/thanks.html?order=1002"))
    browser.sent()
    browser.driver.refresh()
    browser.ready()
    purchases = [e for e in log.events(shop, 4) if e.event_name == "Purchase"]

    assert len(purchases) == 2
    assert len({event.event_id for event in purchases}) == 1
    assert {(event.order_id, event.order_source) for event in purchases} == {("1002", "api")}


def test_orders_of_another_shop_have_ids_of_their_own(browser: Browser, shop: Shop) -> None:
    shop.open(BROWSER_KEY, tenant="demo", order_source="woocommerce")
    browser.go(shop.url("/cart.html"))
    found = browser.js(
        "return attributary.eventId('meta', 'Purchase', {order_id: 1001, event_id: 'mine'})"
    )
    assert found == purchase_event_id(
        tenant="demo", source="woocommerce", order_id="1001", platform="meta"
    )


def test_tags_are_off_without_an_id_and_while_consent_is_denied(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url("/thanks.html?order=1003"))
    log.events(shop, 2)
    assert [s for s in browser.js(SCRIPTS) if not s.startswith(shop.gateway_url)] == []

    ads = dict.fromkeys(("ad_storage", "ad_user_data"), "denied")
    shop.open(BROWSER_KEY, tenant="demo", vendors=VENDORS, consent=ads)
    browser.go(shop.url("/cart.html"))
    log.events(shop, 1)
    browser.until("return window.dataLayer?.length")
    assert browser.js("return [window.fbq, window.ttq, window.snaptr]") == [None, None, None]
    assert browser.js(FIRED)["google"][0] == ["consent", "default", ads]

    granted = dict.fromkeys(ads, "granted")
    browser.js("attributary('consent', 'update', arguments[0])", granted)
    browser.until("return !!(window.fbq && window.ttq && window.snaptr)")
    browser.js("attributary('track', 'Lead')")
    assert len(fired(browser, "meta", "Lead")) == 1
    browser.js("attributary('consent', 'update', arguments[0])", ads)
    browser.js("attributary('track', 'Contact')")
    browser.until("return fbq.queue.some(call => call[1] === 'revoke')")
    log.events(shop, 3)
    assert [c for c in browser.js(FIRED)["meta"] if c[1] == "Contact"] == []


def test_an_event_for_the_gateway_alone_fires_no_tag(
    browser: Browser, shop: Shop, log: Log
) -> None:
    shop.open(BROWSER_KEY, tenant="demo", vendors={"ga4": "G-TEST1", "ga4_events": True})
    browser.go(shop.url("/cart.html"))
    browser.js("attributary('setUserProperties', {tier: 'gold'})")
    browser.js("attributary('trackServerEvent', 'Quiet')")
    browser.js("attributary('trackAddToCart', {value: 5, currency: 'USD'})")
    added = fired(browser, "google", "add_to_cart")
    events = log.events(shop, 3)

    assert added[0][2]["value"] == 5
    assert {event.event_name for event in events} == {"PageView", "Quiet", "AddToCart"}
    assert [c for c in browser.js(FIRED)["google"] if "quiet" in c[1:2]] == []
    assert all((e.properties or {})["tier"] == "gold" for e in events if e.event_name != "PageView")


def test_the_cart_carries_the_ids_to_the_order(browser: Browser, shop: Shop, log: Log) -> None:
    cookies = (
        "document.cookie = '_ga=GA1.1.123456789.1693526400;path=/';"
        "document.cookie = '_ga_OTHER=GS1.1.111.1.0;path=/';"
        "document.cookie = '_ga_TEST1=GS2.1.s1790000000$o2$g0;path=/';"
        "document.cookie = '_ttp=ttp-1;path=/';"
        "document.cookie = '_scid=scid-1;path=/';"
        "document.cookie = '_epik=dj0yJnU9;path=/';"
    )
    shop.open(BROWSER_KEY, before=cookies, cart="shopify", vendors={"ga4": "G-TEST1"})
    browser.go(shop.url("/product.html?utm_source=news&utm_medium=email&fbclid=IwAR-3"))
    view, *_ = log.events(shop, 2)
    until(lambda: shop.carts)
    browser.click("buy")
    *_, added = log.events(shop, 3)
    (cart,) = shop.carts

    assert cart["_attributary_first_source"] == "news"
    assert cart["_attributary_first_medium"] == "email"
    assert (cart["_ga4_client_id"], cart["_ga4_session_id"]) == (
        "123456789.1693526400",
        "1790000000",
    )
    assert cart["_fbclid"] == "IwAR-3"
    assert cart["_meta_fbc"].endswith(".IwAR-3")
    order = attributes.read(cart.items())
    assert (order["visitor_id"], order["session_id"]) == (view.visitor_id, view.session_id)
    assert order["identifiers"]["fbp"] == view.identifiers.fbp
    assert order["identifiers"]["external_id"] == view.visitor_id
    assert view.identifiers.ga4_client_id == "123456789.1693526400"
    for event in (view, added):
        ids = event.identifiers
        assert (ids.ttp, ids.scid, ids.epik) == ("ttp-1", "scid-1", "dj0yJnU9")
    assert (order["identifiers"]["ttp"], order["identifiers"]["scid"]) == ("ttp-1", "scid-1")
    assert browser.js("return attributary.cart()") == cart

    browser.js("attributary('consent', 'update', {analytics_storage: 'denied'})")
    until(lambda: len(shop.carts) == 2)
    assert set(shop.carts[1]) == set(cart)
    assert set(shop.carts[1].values()) == {""}
