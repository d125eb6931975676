"""Shopify's web pixel: what it hears in the shop is an event at the gateway."""

import tomllib
from typing import Any

import orjson

from processors.domain.event_names import platform_name
from processors.domain.hashing import email_hash, phone_hash, sha256_hex
from schemas.pixel_event import PixelEvent
from tests.unit.gateway.asking import BROWSER, Gateway
from tests.unit.gateway.pixel.node import HERE, PIXEL, node
from tests.unit.gateway.shop import envelope

ALLOWED = {
    "analyticsProcessingAllowed": True,
    "marketingAllowed": True,
    "preferencesProcessingAllowed": True,
    "saleOfDataAllowed": True,
}
SETTINGS = {"accountKey": BROWSER, "endpoint": "https://gateway.example/"}
COOKIES = {
    "_attributary_id": "visitor-9",
    "_attributary_session": "session-9.1790000000000.1",
    "_ga": "GA1.1.11.22",
    "_fbp": "fb.1.5.6",
    "_ttp": "ttp-1",
    "_scid": "scid-1",
    "_epik": "dj0yJnU9",
}
VARIANT = {
    "id": "gid://shopify/ProductVariant/9",
    "sku": "sku-1",
    "title": "Large",
    "price": {"amount": 64.95, "currencyCode": "EUR"},
    "product": {"id": "7", "title": "Hat", "vendor": "V", "url": "/products/hat"},
}
LINE = {
    "merchandise": VARIANT,
    "quantity": 2,
    "cost": {"totalAmount": {"amount": 129.9, "currencyCode": "EUR"}},
}
CART = {"id": "c", "attributes": [], "lines": [LINE], "cost": LINE["cost"]}
STANDARD = {
    "page_viewed": ("PageView", {}),
    "product_viewed": ("ViewContent", {"productVariant": VARIANT}),
    "collection_viewed": ("collection_viewed", {"collection": {"id": "1", "title": "Hats"}}),
    "search_submitted": ("Search", {"searchResult": {"query": "hat", "productVariants": []}}),
    "product_added_to_cart": ("AddToCart", {"cartLine": LINE}),
    "cart_viewed": ("cart_viewed", {"cart": CART}),
    "checkout_started": ("InitiateCheckout", None),
    "payment_info_submitted": ("AddPaymentInfo", None),
    "checkout_completed": ("Purchase", None),
}


def happened(name: str, **changes: Any) -> dict[str, Any]:
    """A standard event."""
    event = {**envelope(), "name": name, "id": f"sh-{name}", **changes}
    data = STANDARD[name][1]
    if data is not None:
        event["data"] = data
    return event


def heard(steps: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """What the extension subscribes to, and what it posts."""
    asked = {"settings": SETTINGS, "cookies": COOKIES, "privacy": ALLOWED, "steps": steps, **given}
    said: dict[str, Any] = orjson.loads(node("node", str(HERE / "sandbox.mjs"), given=asked))
    return said


async def taken(said: dict[str, Any]) -> dict[str, PixelEvent]:
    """The events of the gateway, by their ids."""
    gateway = Gateway()
    for post in said["posts"]:
        assert post["url"].startswith("https://gateway.example/api/events/checkout?key=")
        path = post["url"].removeprefix("https://gateway.example")
        answer = await gateway.post(
            path, post["body"].encode(), key=None, headers={"content-type": "text/plain"}
        )
        assert answer.status == 200, answer.content
    return {event.event_id: event for event in gateway.outlet.records("pixel_events.v1")}


async def test_every_standard_event_is_one_of_ours() -> None:
    said = heard([happened(name) for name in STANDARD])
    events = await taken(said)

    assert said["point"] == "WebPixel::Render"
    assert said["names"] == list(STANDARD)
    assert {e.removeprefix("sh-"): events[e].event_name for e in events} == {
        name: ours for name, (ours, _) in STANDARD.items()
    }
    assert {event.source for event in events.values()} == {"checkout"}
    assert {event.identifiers.ga4_client_id for event in events.values()} >= {"11.22"}
    told = [event.identifiers for event in events.values()]
    assert {(ids.ttp, ids.scid, ids.epik) for ids in told} == {("ttp-1", "scid-1", "dj0yJnU9")}
    viewed, added = events["sh-product_viewed"], events["sh-product_added_to_cart"]
    assert (viewed.visitor_id, viewed.session_id) == ("visitor-9", "session-9")
    assert (viewed.value, viewed.currency, viewed.contents[0].product_id) == (6_495, "EUR", "9")
    assert (added.value, added.contents[0].quantity, added.contents[0].title) == (12_990, 2, "Hat")
    assert events["sh-cart_viewed"].value == 12_990
    assert events["sh-search_submitted"].properties == {"search": "hat"}
    assert events["sh-collection_viewed"].properties == {"collection": "Hats"}


async def test_checkout_events_have_the_names_of_the_platforms() -> None:
    events = await taken(heard([happened(name) for name in list(STANDARD)[-3:]]))

    names = {event.event_name for event in events.values()}
    assert {platform_name(name, "ga4") for name in names} == {
        "begin_checkout", "add_payment_info", "purchase",
    }  # fmt: skip
    bought = events["sh-checkout_completed"]
    assert bought.visitor_id == "visitor-1", "the cart's own attribute counts before the cookie"
    assert (bought.order_source, bought.checkout_id) == ("shopify", "tok-1")
    assert bought.consent is not None
    assert bought.consent.ad_storage == "granted"


async def test_details_leave_the_browser_as_hashes() -> None:
    event = happened("checkout_completed")
    event["data"]["checkout"] |= {
        "email": " Mary.Doe@example.com",
        "phone": "+1 415 555 0100",
        "billingAddress": {
            "firstName": "Mary", "lastName": "Doe", "address1": "5 Long Street", "zip": "SW1A 1AA",
            "city": "New York", "provinceCode": "NY", "countryCode": "GB",
        },
    }  # fmt: skip
    hashed = heard([event])
    clear = heard([event], settings={**SETTINGS, "hash_pii": "false"})

    body = hashed["posts"][0]["body"]
    assert [word for word in ("Mary", "mary", "555", "Long", "SW1A") if word in body] == []
    (bought,) = (await taken(hashed)).values()
    assert bought.identifiers.email_sha256 == email_hash("mary.doe@example.com")
    assert bought.identifiers.phone_sha256 == phone_hash("+14155550100")
    assert bought.user_data.hashed["ct"] == sha256_hex("newyork")
    (same,) = (await taken(clear)).values()
    for form in ("em", "ph", "fn", "ln", "ct", "st", "zp", "country"):
        assert bought.user_data.hashed[form] == same.user_data.hashed[form]
    assert same.user_data.sealed is not None


def test_nothing_is_sent_without_consent_and_a_change_counts_at_once() -> None:
    denied = {**ALLOWED, "analyticsProcessingAllowed": False, "marketingAllowed": False}
    no_ads = {**ALLOWED, "marketingAllowed": False}
    said = heard(
        [
            happened("page_viewed"),
            {"customerPrivacy": no_ads},
            happened("product_viewed"),
            {"customerPrivacy": denied},
            happened("cart_viewed"),
        ],
        privacy=denied,
    )

    (post,) = said["posts"]
    body = orjson.loads(post["body"])
    assert body["name"] == "product_viewed"
    assert body["customerPrivacy"] == no_ads
    told = {pair["key"] for pair in body["attributes"]}
    assert not told & {"_meta_fbp", "_ttp", "_scid", "_pinterest_epik"}


def test_a_theme_with_its_own_pixel_leaves_the_checkout_to_the_extension() -> None:
    said = heard([], settings={**SETTINGS, "storefront_events": "false"})

    assert said["names"] == ["checkout_started", "payment_info_submitted", "checkout_completed"]


def test_a_gateway_that_is_away_is_asked_again_and_a_refusal_is_not() -> None:
    away = heard([happened("page_viewed")], statuses=[503, 429, 200])
    refused = heard([happened("page_viewed")], statuses=[422, 200])

    assert len(away["posts"]) == 3
    assert len({orjson.loads(post["body"])["id"] for post in away["posts"]}) == 1
    assert len(refused["posts"]) == 1


def test_the_settings_that_are_read_are_those_that_a_shop_can_set() -> None:
    declared = tomllib.loads((PIXEL / "shopify" / "shopify.extension.toml").read_text())
    fields = declared["settings"]["fields"]
    source = (PIXEL / "shopify" / "src" / "index.ts").read_text()

    assert declared["type"] == "web_pixel_extension"
    assert declared["runtime_context"] == "strict"
    assert declared["customer_privacy"]["analytics"] is True
    assert {name for name in fields if f"settings.{name}" in source} == set(fields)
    assert source.count("settings.") == len(fields)
