"""Pages without a script, and pages that go away."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from processors.domain.hashing import email_hash
from processors.gateway.routes.pixel import GIF
from tests.unit.gateway.asking import BROWSER, NOW, Gateway

TEXT = {"content-type": "text/plain;charset=UTF-8"}


def query(**fields: str) -> str:
    return urlencode({"key": BROWSER, **fields})


@pytest.mark.parametrize("path", ["/v1/pixel.gif", "/p.gif"])
async def test_an_image_takes_a_touchpoint_from_its_query(path: str) -> None:
    gateway = Gateway()

    answer = await gateway.get(
        f"{path}?{query(visitor_id='v1', utm_source='news', email='A@example.com', type='view')}"
        "&consent[ad_storage]=denied&properties.slot=top",
        {"user-agent": "Agent/1"},
    )

    assert (answer.status, answer.content) == (200, GIF)
    assert answer.headers["content-type"] == "image/gif"
    assert "no-store" in answer.headers["cache-control"]
    (touch,) = gateway.outlet.records("touchpoints.v1")
    assert (touch.visitor_id, touch.type, touch.occurred_at) == ("v1", "view", NOW)
    assert touch.marketing.utm_source == "news"
    assert touch.identifiers.email_sha256 == email_hash("a@example.com")
    assert touch.consent.ad_storage == "denied"
    assert touch.properties == {"slot": "top"}
    assert (touch.browser.user_agent, touch.browser.ip) == ("Agent/1", "203.0.113.9")


async def test_an_image_with_an_event_name_takes_an_event() -> None:
    gateway = Gateway()
    said = query(
        event_name="Purchase", visitor_id="v1", value="19.99", currency="EUR", order_id="1001",
        contents='[{"product_id":"p1","quantity":2}]', session_start="1", type="purchase",
    )  # fmt: skip

    assert (await gateway.get(f"/p.gif?{said}")).status == 200

    (event,) = gateway.outlet.records("pixel_events.v1")
    assert (event.event_name, event.value, event.currency) == ("Purchase", 1999, "EUR")
    assert (event.order_source, event.order_id, event.session_start) == ("api", "1001", True)
    assert event.contents[0].quantity == 2


async def test_the_id_of_an_image_is_the_hash_of_its_query_without_the_key() -> None:
    gateway = Gateway()
    when = "2026-09-01T12:00:00Z"

    for key in (BROWSER, BROWSER):
        await gateway.get(f"/p.gif?visitor_id=v1&occurred_at={when}&key={key}")
    await gateway.get(f"/p.gif?key={BROWSER}&occurred_at={when}&visitor_id=v2")

    ids = [touch.event_id for touch in gateway.outlet.records("touchpoints.v1")]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("said", "status", "named"),
    [
        ("visitor_id=v1", 401, "key"),
        (f"key={BROWSER}", 422, "visitor_id"),
        (query(visitor_id="v1", occurred_at="yesterday"), 422, "occurred_at"),
        (query(visitor_id="v1", event_name="x", contents="hat"), 422, "contents"),
        (query(visitor_id="v1", ad_storage="maybe"), 422, "consent.ad_storage"),
        (f"key={BROWSER}&" + "&".join(f"a{n}=1" for n in range(2_000)), 400, "fields"),
    ],
)
async def test_a_bad_image_is_refused_in_json(said: str, status: int, named: str) -> None:
    gateway = Gateway()

    answer = await gateway.get(f"/p.gif?{said}")

    assert answer.status == status
    assert named in answer.content.decode()
    assert gateway.outlet.rows == []


async def test_an_image_is_only_for_get() -> None:
    answer = await Gateway().post("/p.gif", {})

    assert (answer.status, answer.headers["allow"]) == (405, "GET, OPTIONS")


MIXED: list[dict[str, Any]] = [
    {"visitor_id": "v1", "url": "https://shop.example/?utm_source=a"},
    {"type": "touchpoint", "visitor_id": "v1"},
    {"type": "view", "visitor_id": "v1"},
    {"visitor_id": "v1", "event_name": "AddToCart"},
    {"type": "event", "visitor_id": "v1", "event_name": "Lead"},
    {"type": "identify", "visitor_id": "v1", "identifiers": {"email": "a@example.com"}},
    {"type": "consent", "visitor_id": "v1", "consent": {"ad_storage": "denied"}},
]


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_beacon_takes_items_of_every_kind(wrapped: bool) -> None:
    gateway = Gateway()
    body = orjson.dumps({"batch": MIXED} if wrapped else MIXED)

    answer = await gateway.post(f"/v1/beacon?key={BROWSER}", body, key=None, headers=TEXT)

    assert (answer.status, answer.content) == (204, b"")
    assert not {"content-type", "content-length"} & set(answer.headers)
    touches = gateway.outlet.records("touchpoints.v1")
    assert [touch.type for touch in touches] == ["click", "click", "view"]
    events = gateway.outlet.records("pixel_events.v1")
    assert [(e.source, e.event_name) for e in events] == [
        ("events", "AddToCart"), ("events", "Lead"), ("identify", "identify"),
    ]  # fmt: skip
    (command,) = gateway.outlet.records("commands.v1")
    assert command.body.kind == "consent"


async def test_a_beacon_may_ask_for_receipts() -> None:
    gateway = Gateway()

    answer = await gateway.post(
        f"/v1/beacon?key={BROWSER}&receipts=1", MIXED[0], key=None, headers=TEXT
    )

    assert answer.status == 200
    assert [row["topic"] for row in answer.json["receipts"]] == ["touchpoints.v1"]


async def test_a_beacon_may_be_a_form() -> None:
    gateway = Gateway()

    answer = await gateway.post(
        f"/v1/beacon?key={BROWSER}",
        b"event_name=Lead&visitor_id=v+1",
        key=None,
        headers={"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
    )

    assert answer.status == 204
    assert gateway.outlet.records("pixel_events.v1")[0].visitor_id == "v 1"


async def test_a_bad_item_of_a_beacon_takes_no_other_with_it_and_is_named() -> None:
    gateway = Gateway()
    body = [MIXED[0], {"type": "hover", "visitor_id": "v1"}, {"type": "identify"}, 5]

    answer = await gateway.post("/v1/beacon", body, key=BROWSER)

    assert (answer.status, answer.json["accepted"]) == (200, 1)
    assert [row["field"] for row in answer.json["rejected"]] == ["type", "identifiers", ""]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "text/plain", 400),
        (b"[]", "text/plain", 400),
        (b"<a/>", "application/xml", 415),
        (b"[{}]", "text/plain", 422),
        (b"[" + b",".join([b"{}"] * 1_001) + b"]", "", 413),
    ],
)
async def test_a_bad_beacon_is_refused(body: bytes, kind: str, status: int) -> None:
    answer = await Gateway().post("/v1/beacon", body, headers={"content-type": kind})

    assert answer.status == status


async def test_the_body_of_a_strangers_beacon_is_not_read() -> None:
    async def receive() -> Any:
        raise AssertionError("the body was read")

    answer = await Gateway().converse("POST", "/v1/beacon?key=wrong", {}, receive)

    assert answer.status == 401


async def test_what_is_spooled_is_told_by_202() -> None:
    gateway = Gateway()
    gateway.outlet.on_disk = True

    image = await gateway.get(f"/p.gif?{query(visitor_id='v1')}")
    beacon = await gateway.post("/v1/beacon", MIXED[:1], key=BROWSER)

    assert (image.status, image.content) == (202, GIF)
    assert (beacon.status, beacon.json["receipts"][0]["offset"]) == (202, None)


async def test_nothing_is_answered_as_taken_that_is_neither_in_kafka_nor_on_disk() -> None:
    gateway = Gateway()
    gateway.outlet.full = True

    answers = [
        await gateway.get(f"/p.gif?{query(visitor_id='v1')}"),
        await gateway.post("/v1/beacon", MIXED, key=BROWSER),
        await gateway.get(f"/r?{query(u='https://shop.example/')}"),
        await gateway.get("/g/collect?v=2&tid=G-DEMO12345&cid=1.2&en=page_view"),
    ]

    assert [answer.status for answer in answers] == [503] * 4
    assert all(answer.headers["retry-after"] for answer in answers)
