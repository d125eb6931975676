"""Consent, and what a person tells of themselves."""

import orjson

from processors.domain.hashing import email_hash, phone_hash, sha256_hex
from processors.identity.rows import touch_of_event
from tests.integration.gateway.running import BROWSER_KEY
from tests.integration.pixel.browser import Browser, until
from tests.integration.pixel.conftest import Log
from tests.integration.pixel.shop import Shop

LANDING = "/cart.html?utm_source=google&utm_medium=cpc&fbclid=IwAR-2"
DENIED = dict.fromkeys(
    ("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"), "denied"
)
GRANTED = dict.fromkeys(DENIED, "granted")
STORED = "return [document.cookie, Object.keys(localStorage).join()]"
SPY = """
window.bodies = []; const real = window.fetch;
window.fetch = (url, options) => { bodies.push(options?.body); return real(url, options) };
"""


def test_nothing_is_stored_or_sent_before_consent_and_then_the_landing_comes(
    browser: Browser, shop: Shop, log: Log
) -> None:
    shop.open(BROWSER_KEY, before=SPY, consent=DENIED)
    browser.go(shop.url(LANDING))
    browser.js("attributary('track', 'Looked')")
    browser.js("history.pushState({}, '', '/hats')")
    browser.until("return performance.now() > 300")
    assert browser.js(STORED) == ["", ""]
    assert browser.js("return [bodies.length, attributary.getAttributionSummary()]") == [0, None]

    browser.js("attributary('consent', 'update', arguments[0])", GRANTED)
    events = log.events(shop, 3)

    assert [event.event_name for event in events] == ["PageView", "Looked", "PageView"]
    assert events[0].browser.url == shop.url(LANDING)
    assert touch_of_event(events[0]) is not None
    assert {
        event.consent.model_dump_json(exclude_none=True) for event in events if event.consent
    } == {orjson.dumps(GRANTED).decode()}
    assert all(event.consent for event in events)
    assert "_attributary_id=" in browser.js(STORED)[0]


def test_consent_that_is_told_ahead_of_init_counts_before_anything_is_stored(
    browser: Browser, shop: Shop
) -> None:
    denied = orjson.dumps(DENIED).decode()
    ahead = f"attributary('track', 'Early'); attributary('consent', 'default', {denied});"
    watch = """
      window.attributary = function () { (attributary.q = attributary.q || []).push(arguments) };
      window.cookies = [];
      const own = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
      Object.defineProperty(document, 'cookie', {
        get: () => own.get.call(document),
        set: text => { cookies.push(text); own.set.call(document, text) },
      });
    """
    shop.open(BROWSER_KEY, before=f"{watch}{SPY}{ahead}")
    browser.go(shop.url(LANDING))
    browser.until("return performance.now() > 300")

    assert browser.js(STORED) == ["", ""]
    assert browser.js("return [cookies, bodies]") == [[], []]


def test_a_refusal_forgets_the_visitor_and_the_gateway_hears_of_it(
    browser: Browser, shop: Shop, log: Log
) -> None:
    browser.go(shop.url(LANDING))
    (landing,) = log.events(shop, 1)
    browser.sent()
    browser.js(
        "attributary('track', 'Hashing', {user_data: {email: 'a@example.com'}});"
        "attributary('consent', 'update', arguments[0]); attributary('track', 'Looked')",
        DENIED,
    )

    def decision() -> dict[str, object] | None:
        told = [orjson.loads(value) for value in log.values("commands.v1")]
        ids = [f"visitor:{landing.visitor_id}"]
        return next((c["body"] for c in told if c["body"].get("ids") == ids), None)

    said = until(decision)
    assert said["consent"] == DENIED
    assert browser.js(STORED) == ["", ""]

    browser.js("attributary('consent', 'update', arguments[0])", GRANTED)
    _, looked = log.events(shop, 2)
    assert looked.event_name == "Looked"
    assert looked.visitor_id != landing.visitor_id


def test_without_consent_to_ads_no_advertising_cookie_is_made_or_told(
    browser: Browser, shop: Shop, log: Log
) -> None:
    theirs = "document.cookie = '_ttp=ttp-1;path=/'"
    shop.open(BROWSER_KEY, before=theirs, consent={"ad_storage": "denied"})
    browser.go(shop.url(LANDING))
    (landing,) = log.events(shop, 1)

    assert "_fb" not in browser.js("return document.cookie")
    ids = landing.identifiers
    assert (ids.fbp, ids.fbc, ids.ttp) == (None, None, None)

    browser.js("attributary('consent', 'update', {ad_storage: 'granted'})")
    browser.js("attributary('track', 'Looked')")
    _, looked = log.events(shop, 2)
    assert looked.identifiers.fbc is not None
    assert looked.identifiers.fbc.endswith(".IwAR-2")


def test_googles_consent_calls_are_followed(browser: Browser, shop: Shop, log: Log) -> None:
    gtag = "window.dataLayer = [{}]; function gtag() { dataLayer.push(arguments) };"
    before = f"{gtag} gtag('consent', 'default', {orjson.dumps(DENIED).decode()});"
    shop.open(BROWSER_KEY, before=before, google_consent=True)
    browser.go(shop.url(LANDING))
    browser.until("return performance.now() > 300")
    assert browser.js(STORED) == ["", ""]

    browser.js("gtag('consent', 'update', arguments[0])", GRANTED)
    (landing,) = log.events(shop, 1)
    assert landing.consent is not None
    assert landing.consent.ad_storage == "granted"


def test_details_leave_the_page_as_hashes_that_join(browser: Browser, shop: Shop, log: Log) -> None:
    shop.open(BROWSER_KEY, before=SPY)
    browser.go(shop.url("/cart.html"))
    person = {
        "customer_id": "c-7",
        "email": " Mary.Doe@Example.com ",
        "phone": "+1 (415) 555-0100",
        "first_name": "Mary-Ann",
        "city": "São Paulo",
    }
    browser.js("attributary('identify', arguments[0])", person)
    browser.until("return bodies.length >= 2")
    browser.js("attributary('track', 'Lead', {user_data: {last_name: 'Doe'}})")
    browser.until("return bodies.length >= 3")
    bodies = "".join(browser.js("return bodies"))
    *_, lead = log.events(shop, 2)
    told = [orjson.loads(v) for v in log.values("pixel_events.v1")]
    (identify,) = [e for e in told if e["visitor_id"] == lead.visitor_id and "c-7" in str(e)][:1]

    assert [word for word in ("ary", "5550100", "555-0100", "Paulo", "Doe") if word in bodies] == []
    ids = lead.identifiers
    assert ids.customer_id == "c-7"
    assert ids.email_sha256 == email_hash("mary.doe@example.com")
    assert ids.phone_sha256 == phone_hash("+14155550100")
    assert lead.user_data.hashed["ln"] == sha256_hex("doe")
    assert identify["source"] == "identify"
    assert identify["user_data"]["hashed"]["fn"] == sha256_hex("maryann")
    assert identify["user_data"]["hashed"]["ct"] == sha256_hex("sãopaulo")


def test_a_shop_may_leave_the_hashing_to_the_gateway(
    browser: Browser, shop: Shop, log: Log
) -> None:
    shop.open(BROWSER_KEY, hash_pii=False)
    browser.go(shop.url("/cart.html"))
    browser.js("attributary('track', 'Lead', {user_data: {email: 'Mary.Doe@example.com'}})")
    _, lead = log.events(shop, 2)

    assert lead.identifiers.email_sha256 == email_hash("mary.doe@example.com")
    assert lead.user_data.sealed is not None, "the clear value, for who needs it"
