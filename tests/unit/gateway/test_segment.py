"""Messages as the SDKs of Segment and RudderStack send them."""

import hashlib
from base64 import b64encode
from typing import Any

import orjson
import pytest

from processors.domain.hashing import email_hash, phone_hash
from processors.gateway.keys import Key
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Answer, Gateway

OTHER = "a-key-of-another-tenant"
CONTEXT = {
    "page": {
        "url": "https://shop.example/hats?gclid=G1",
        "referrer": "https://blog.example/",
        "title": "Hats",
    },
    "campaign": {"source": "news", "medium": "email", "name": "fall"},
    "userAgent": "Agent/1",
    "ip": "198.51.100.7",
    "locale": "de-AT",
    "library": {"name": "analytics.js", "version": "next-1.70.0"},
}
TRACK: dict[str, Any] = {
    "type": "track", "event": "Product Added", "anonymousId": "an1", "userId": "u1",
    "messageId": "ajs-next-1", "context": CONTEXT, "timestamp": "2026-09-21T14:00:00.000Z",
    "properties": {
        "product_id": "p1", "sku": "S1", "name": "Hat", "price": 19.99, "quantity": 2,
        "value": 39.98, "currency": "EUR", "position": 3,
    },
}  # fmt: skip
ORDER: dict[str, Any] = {
    **TRACK, "event": "Order Completed", "messageId": "m-order",
    "properties": {
        "order_id": "1001", "total": "41.97", "revenue": "35.00", "currency": "EUR",
        "products": [{"product_id": "p1", "name": "Hat", "price": 19.99, "quantity": 2}],
    },
}  # fmt: skip


def basic(key: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"}


async def send(gateway: Gateway, path: str, body: Any, key: str = BROWSER) -> Answer:
    return await gateway.post(path, body, key=None, headers=basic(key))


def events(gateway: Gateway) -> list[Any]:
    return gateway.outlet.records("pixel_events.v1")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t"])
async def test_a_track_call_is_an_event_with_its_standard_name(path: str) -> None:
    gateway = Gateway()

    answer = await send(gateway, path, TRACK)

    assert (answer.status, answer.json["success"], answer.json["accepted"]) == (200, True, 1)
    (event,) = events(gateway)
    assert (event.source, event.event_name, event.event_id) == (
        "segment", "AddToCart", "ajs-next-1",
    )  # fmt: skip
    assert (event.visitor_id, event.identifiers.customer_id) == ("an1", "u1")
    assert event.occurred_at == 1_789_999_200_000
    assert (event.value, event.currency) == (3998, "EUR")
    assert [(c.product_id, c.sku, c.title, c.quantity, c.price) for c in event.contents] == [
        ("p1", "S1", "Hat", 2, 1999)
    ]
    assert (event.browser.url, event.browser.user_agent, event.browser.ip) == (
        CONTEXT["page"]["url"], "Agent/1", "198.51.100.7",  # type: ignore[index]
    )  # fmt: skip
    assert (event.marketing.utm_source, event.marketing.utm_campaign) == ("news", "fall")
    assert event.properties["position"] == 3
    assert event.properties["locale"] == "de-AT"


@pytest.mark.parametrize(
    ("headers", "path", "more"),
    [
        (basic(BROWSER), "/v1/track", {}),
        ({}, "/v1/t", {"writeKey": BROWSER}),
        ({}, f"/v1/track?writeKey={BROWSER}", {}),
        ({}, f"/v1/track?key={BROWSER}", {}),
        ({"authorization": f"Bearer {BROWSER}"}, "/v1/track", {"writeKey": "segment's own"}),
        ({"x-api-key": BROWSER}, "/v1/track", {}),
    ],
)
async def test_the_write_key_may_stand_where_the_sdks_put_it(
    headers: dict[str, str], path: str, more: dict[str, str]
) -> None:
    gateway = Gateway()
    headers = {"content-type": "text/plain", **headers}

    answer = await gateway.post(path, {**TRACK, **more}, key=None, headers=headers)

    assert answer.status == 200, answer.content
    assert "writeKey" not in events(gateway)[0].properties


@pytest.mark.parametrize(
    "headers",
    [{}, basic("wrong"), {"authorization": "Basic !"}, {"authorization": "Basic"}, basic("")],
)
async def test_without_a_known_write_key_nothing_is_taken(headers: dict[str, str]) -> None:
    gateway = Gateway()

    answer = await gateway.post("/v1/track", TRACK, key=None, headers=headers)

    assert answer.status == 401
    assert gateway.outlet.rows == []


async def test_a_batch_has_messages_of_every_kind() -> None:
    gateway = Gateway()
    messages = [
        {**TRACK, "messageId": "m1"},
        {"type": "page", "anonymousId": "an1", "messageId": "m2", "name": "Home", "properties": {
            "url": "https://shop.example/", "referrer": "https://blog.example/"}},
        {"type": "screen", "anonymousId": "an1", "messageId": "m3", "name": "Cart"},
        {"type": "identify", "anonymousId": "an1", "userId": "u1", "messageId": "m4",
         "traits": {"email": "A@example.com", "phone": "+1 415 555 0100", "plan": "gold"}},
        {"type": "alias", "previousId": "an1", "userId": "u1", "messageId": "m5"},
        {"type": "group", "userId": "u1", "groupId": "g1", "messageId": "m6", "traits": {"a": 1}},
    ]  # fmt: skip

    answer = await send(gateway, "/v1/batch", {"batch": messages, "sentAt": NOW, "context": {}})

    assert answer.json["rejected"] == []
    found = events(gateway)
    assert [(e.source, e.event_name) for e in found] == [
        ("segment", "AddToCart"), ("segment", "PageView"), ("segment", "Screen"),
        ("identify", "identify"), ("identify", "alias"), ("identify", "group"),
    ]  # fmt: skip
    page, screen, identify, alias, group = found[1:]
    assert page.browser.url == "https://shop.example/"
    assert screen.properties == {"name": "Cart"}
    assert identify.identifiers.email_sha256 == email_hash("a@example.com")
    assert identify.identifiers.phone_sha256 == phone_hash("+14155550100")
    assert identify.properties == {"plan": "gold"}
    assert (alias.visitor_id, alias.identifiers.customer_id) == ("an1", "u1")
    assert group.properties == {"group_id": "g1", "a": 1}


@pytest.mark.parametrize("path", ["/v1/identify", "/v1/i"])
async def test_identify_knows_both_forms(path: str) -> None:
    gateway = Gateway()
    neutral = {"visitor_id": "v1", "identifiers": {"customer_id": "c1"}}

    await send(gateway, path, {"userId": "u1", "traits": {"email": "a@example.com"}})
    await gateway.post("/v1/identify", neutral)

    theirs, ours = events(gateway)
    assert (theirs.identifiers.customer_id, theirs.visitor_id) == ("u1", None)
    assert theirs.identifiers.email_sha256 == email_hash("a@example.com")
    assert (ours.visitor_id, ours.identifiers.customer_id) == ("v1", "c1")
    assert {e.source for e in (theirs, ours)} == {"identify"}


async def test_an_order_under_a_server_key_is_an_order() -> None:
    gateway = Gateway()

    answer = await send(gateway, "/v1/track", ORDER, SERVER)

    assert answer.json["receipts"][0]["topic"] == "orders.v1"
    (order,) = gateway.outlet.records("orders.v1")
    assert (order.source, order.order_id, order.gross, order.currency) == (
        "api", "1001", 4197, "EUR",
    )  # fmt: skip
    assert order.ordered_at == 1_789_999_200_000
    assert (order.visitor_id, order.identifiers.customer_id) == ("an1", "u1")
    assert [(line.product_id, line.quantity) for line in order.line_items] == [("p1", 2)]


async def test_an_order_under_a_browser_key_is_an_event_of_the_tenants_shop() -> None:
    gateway = Gateway()

    await send(gateway, "/v1/track", ORDER)

    assert gateway.outlet.records("orders.v1") == []
    (event,) = events(gateway)
    assert (event.event_name, event.order_source, event.order_id, event.value) == (
        "Purchase", "shopify", "1001", 4197,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more", "status", "refunds"),
    [
        ("Order Refunded", {}, "refunded", []),
        (
            "Order Refunded",
            {"total": 10, "currency": "EUR", "products": [{"product_id": "p1"}]},
            "partially_refunded",
            [("m-change", 1000)],
        ),
        ("Order Cancelled", {}, "cancelled", []),
    ],
)
async def test_a_refund_or_a_cancellation_under_a_server_key_changes_the_order(
    name: str, more: dict[str, Any], status: str, refunds: list[tuple[str, int]]
) -> None:
    gateway = Gateway()
    said = {
        **TRACK, "event": name, "messageId": "m-change", "properties": {"order_id": "1001", **more},
    }  # fmt: skip

    await send(gateway, "/v1/track", said, SERVER)
    await send(gateway, "/v1/track", said, BROWSER)

    (order,) = gateway.outlet.records("orders.v1")
    assert (order.source, order.order_id, order.status) == ("api", "1001", status)
    assert [(r.refund_id, r.amount) for r in order.refunds] == refunds
    assert order.updated_at == 1_789_999_200_000
    assert [e.event_name for e in events(gateway)] == [name]


@pytest.mark.parametrize(
    ("times", "at"),
    [
        ({"timestamp": NOW - 5_000}, NOW - 5_000),
        ({"originalTimestamp": NOW - 5_000, "sentAt": NOW}, NOW - 5_000),
        ({"originalTimestamp": NOW - 605_000, "sentAt": NOW - 600_000}, NOW - 5_000),
        ({"timestamp": NOW - 605_000, "sentAt": NOW - 600_000}, NOW - 5_000),
        (
            {
                "timestamp": NOW - 605_000, "sentAt": NOW - 600_000,
                "originalTimestamp": NOW, "receivedAt": NOW - 600_000,
            },
            NOW - 605_000,
        ),
        ({}, NOW),
    ],
)  # fmt: skip
async def test_a_clock_that_is_off_is_corrected(times: dict[str, int], at: int) -> None:
    gateway = Gateway()
    said = {name: value for name, value in TRACK.items() if name != "timestamp"}

    await send(gateway, "/v1/track", {**said, **times})

    assert events(gateway)[0].occurred_at == at


async def test_a_message_that_is_sent_again_keeps_its_content() -> None:
    gateway = Gateway()
    first = {**TRACK, "sentAt": NOW}
    again = {**TRACK, "sentAt": NOW + 1_000, "_metadata": {"retryCount": 1}}

    await send(gateway, "/v1/track", first)
    await send(gateway, "/v1/batch", {"batch": [again], "sentAt": NOW + 2_000})

    one, two = events(gateway)
    assert (one.event_id, one.content_hash) == (two.event_id, two.content_hash)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"categoryPreferences": {"Advertising": True, "Analytics": False}}, ("granted", "denied")),
        ({"categoryPreferences": {"Functional": True}}, None),
        ({"ad_storage": "denied", "analytics_storage": "granted"}, ("denied", "granted")),
    ],
)
async def test_consent_is_read(more: dict[str, Any], said: tuple[str, str] | None) -> None:
    gateway = Gateway()

    await send(gateway, "/v1/track", {**TRACK, "context": {"consent": more}})

    consent = events(gateway)[0].consent
    assert said == (consent and (consent.ad_storage, consent.analytics_storage))


async def test_rudderstacks_session_consent_and_visitor_are_read() -> None:
    gateway = Gateway()
    said = {
        "type": "page", "messageId": "m1", "channel": "web", "originalTimestamp": NOW,
        "context": {
            "traits": {"email": "a@example.com"}, "sessionId": 1790000000, "sessionStart": True,
            "page": {"url": "https://shop.example/", "referrer": "$direct"},
            "consentManagement": {
                "provider": "custom", "allowedConsentIds": ["analytics"],
                "deniedConsentIds": ["marketing"],
            },
        },
    }  # fmt: skip
    headers = {**basic(BROWSER), "anonymousid": b64encode(b"rudder-1").decode()}

    await gateway.post("/v1/page", said, key=None, headers=headers)
    await gateway.post(
        f"/beacon/v1/batch?writeKey={BROWSER}",
        {"batch": [{**said, "anonymousId": "rudder-2"}]},
        key=None,
        headers={"content-type": "text/plain"},
    )

    page, beacon = events(gateway)
    assert (page.visitor_id, beacon.visitor_id) == ("rudder-1", "rudder-2")
    assert (page.session_id, page.session_start) == ("1790000000", True)
    assert page.browser.referrer is None
    assert page.identifiers.email_sha256 == email_hash("a@example.com")
    assert (page.consent.ad_storage, page.consent.analytics_storage) == ("denied", "granted")


async def test_an_id_that_is_an_email_is_hashed() -> None:
    gateway = Gateway()

    await send(gateway, "/v1/track", {**TRACK, "userId": "mary@example.com"})

    (row,) = gateway.outlet.rows
    assert b"mary" not in (row.raw.value or b"") + (row.raw.key or b"")
    (event,) = events(gateway)
    assert event.identifiers.email_sha256 == email_hash("mary@example.com")


async def test_a_message_under_the_key_of_another_tenant_is_refused_alone() -> None:
    gateway = Gateway()
    gateway.directory.snapshot.keys[_digest(OTHER)] = Key("other", False)
    batch = [{**TRACK, "writeKey": BROWSER}, {**TRACK, "writeKey": OTHER}]

    answer = await gateway.post("/v1/b", {"batch": batch}, key=None)

    assert [row["field"] for row in answer.json["rejected"]] == ["tenant_id"]
    assert [e.tenant_id for e in events(gateway)] == ["demo"]
    assert answer.json["success"] is False


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("/v1/track", {"anonymousId": "a"}, "event"),
        ("/v1/track", {"event": "x"}, "anonymousId"),
        ("/v1/track", {**TRACK, "timestamp": "yesterday"}, "timestamp"),
        ("/v1/track", {**TRACK, "properties": {"value": "much"}}, "properties.total"),
        ("/v1/track", {**TRACK, "properties": {"products": 5}}, "properties.products"),
        ("/v1/track", {**TRACK, "traits": {"email": []}, "event": 5}, "event"),
        ("/v1/track", {**TRACK, "context": {"page": {"url": 5}}}, "context.page.url"),
        ("/v1/identify", {"userId": "u", "traits": {"email": 1.5}}, "traits.email"),
        ("/v1/identify", {"userId": "u", "messageId": [1]}, "messageId"),
        ("/v1/batch", {"batch": [{"anonymousId": "a"}]}, "type"),
        ("/v1/batch", [5], ""),
    ],
)
async def test_a_bad_message_is_refused_by_the_name_that_it_used(
    path: str, said: Any, field: str
) -> None:
    gateway = Gateway()

    answer = await send(gateway, path, said)

    assert answer.status == 422, answer.content
    assert [row["field"] for row in answer.json["rejected"]] == [field]
    assert gateway.outlet.rows == []


async def test_a_body_that_is_not_json_is_refused_with_and_without_a_key() -> None:
    gateway = Gateway()

    keyed = await send(gateway, "/v1/track", b"event=x")
    bare = await gateway.post("/v1/track", b"event=x", key=None)
    form = await gateway.post(
        "/v1/track", orjson.dumps(TRACK), headers={"content-type": "application/xml"}
    )

    assert [keyed.status, bare.status, form.status] == [400, 400, 415]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
