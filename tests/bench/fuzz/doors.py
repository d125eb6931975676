"""Requests that are right, as browsers, other vendors' SDKs and their webhooks send them."""

import base64
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from tests.bench.fuzz.corpus import Headers, Seed, neutral
from tests.unit.gateway import vendors
from tests.unit.gateway.asking import BROWSER, MEASUREMENT, VERIFY_TOKEN
from tests.unit.gateway.test_ga4 import PURCHASE, SHARED
from tests.unit.gateway.test_logins import EMAIL, LOGIN, ME, PASSWORD
from tests.unit.gateway.test_pixel_and_beacon import MIXED
from tests.unit.gateway.test_segment import ORDER, TRACK

BROWSERS: Final[Headers] = {
    "user-agent": "Mozilla/5.0", "referer": "https://blog.example/?a=b", "accept-language": "de",
    "cookie": "_attributary_id=v-1; _ga=GA1.1.11.17; _fbp=fb.1.1.2; _ttp=x",
    "host": "a.shop.example",
    "origin": "https://shop.example",
}  # fmt: skip
_KEY: Final = {"key": BROWSER}
_FORM: Final = {**BROWSERS, "content-type": "application/x-www-form-urlencoded"}
_TEXT: Final = {**BROWSERS, "content-type": "text/plain;charset=UTF-8"}
_FIELDS: Final = {
    "visitor_id": "v1", "utm_source": "news", "email": "a@example.com", "phone": "+14155550100",
    "consent[ad_storage]": "denied", "properties.slot": "top",
    "occurred_at": "2026-09-01T12:00:00Z",
}  # fmt: skip
_EVENT: Final = {
    **_FIELDS, "event_name": "Purchase", "value": "19.99", "currency": "EUR", "order_id": "1001",
    "contents": '[{"product_id":"p1","quantity":2}]', "session_start": "1",
}  # fmt: skip
_UNIVERSAL: Final = {
    "v": "1", "tid": "UA-1-1", "cid": "1.2", "t": "event", "pa": "purchase", "ti": "7", "tr": "9.5",
    "cu": "EUR", "pr1id": "S", "pr1nm": "Hat", "pr1pr": "4", "pr1qt": "2", "qt": "99",
    "dh": "x.example",
    "dp": "/a", "ec": "c", "ea": "a", "ev": "5", "gcs": "G101", "uip": "203.0.113.7",
    "ua": "Agent/1",
}  # fmt: skip
_MESSAGES: Final[dict[str, dict[str, Any]]] = {
    "track": TRACK,
    "page": {"name": "Hats", "properties": {"url": "https://shop.example/", "referrer": "$direct"}},
    "screen": {"name": "Hats", "context": {"device": {"advertisingId": "a-1"}}},
    "identify": {"traits": {"email": "a@example.com", "address": {"city": "Graz"}, "phone": 5}},
    "alias": {"previousId": "an1", "userId": "u1"},
    "group": {"groupId": "g1", "traits": {"name": "Shop"}},
}
_SEGMENT: Final = {"anonymousId": "an1", "userId": "u1", "messageId": "m-1"}


def basic(key: str) -> Headers:
    """The key where Segment's SDKs put it."""
    return {"authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}


def _asked() -> list[Seed]:
    """By GET, all in the query."""
    hit = {**SHARED, **PURCHASE}
    challenge = {"hub.mode": "subscribe", "hub.challenge": "115", "hub.verify_token": VERIFY_TOKEN}
    queries: list[tuple[str, dict[str, str]]] = [
        ("/v1/pixel.gif", {**_KEY, **_FIELDS, "type": "view"}),
        ("/p.gif", {**_KEY, **_EVENT}),
        ("/r", {**_KEY, **_FIELDS, "u": "https://shop.example/hats?utm_source=n&gclid=G1#top"}),
        ("/r", {**_KEY, "u": "https://a.brand.example/"}),
        ("/g/collect", hit),
        ("/collect", {**_KEY, **_UNIVERSAL}),
        ("/j/collect", {**_KEY, **_UNIVERSAL, "tid": MEASUREMENT}),
        ("/webhooks/meta", challenge),
        ("/webhooks/whatsapp", challenge),
        (f"/v1/projects/{BROWSER}/settings", {}),
        ("/sourceConfig", {"writeKey": BROWSER, "p": "npm"}),
        (ME, {}),
    ]
    return [
        Seed(path, b"", dict(BROWSERS), query=urlencode(said).encode(), method="GET")
        for path, said in queries
    ]


def _told() -> list[Seed]:
    """By POST, with the key in the query or in the body."""
    key = urlencode(_KEY).encode()
    shared, hit = urlencode(SHARED).encode(), urlencode(PURCHASE).encode()
    login = {"email": EMAIL, "password": "not " + PASSWORD}
    beacon = "/v1/beacon"
    found = [
        Seed(beacon, orjson.dumps({"batch": MIXED}), dict(_TEXT), query=key),
        Seed(beacon, orjson.dumps(MIXED), dict(_TEXT), query=key + b"&receipts=1"),
        Seed(beacon, urlencode(_EVENT).encode(), dict(_FORM), query=key),
        Seed(beacon, urlencode(_FIELDS).encode(), dict(_FORM), query=key),
        Seed("/g/collect", hit + b"\r\nen=scroll&_et=5&epn.percent=90", dict(_TEXT), query=shared),
        Seed("/g/collect", shared + b"&" + hit, dict(_TEXT)),
        Seed("/collect", urlencode(_UNIVERSAL).encode(), dict(_FORM), query=key),
        Seed("/j/collect", urlencode(_UNIVERSAL).encode(), dict(_TEXT), query=key),
        Seed(LOGIN, orjson.dumps(login), {}),
        Seed(LOGIN, orjson.dumps([login]), {}),
    ]
    return found


def _messages() -> list[Seed]:
    whole = {kind: {**_SEGMENT, **said, "type": kind} for kind, said in _MESSAGES.items()}
    batch = {"batch": [*whole.values(), ORDER], "sentAt": "2026-09-21T14:00:01Z", "context": {}}
    own = {**basic(BROWSER), "anonymousid": base64.b64encode(b"an1").decode()}
    found = [Seed(f"/v1/{kind}", orjson.dumps(said), dict(own)) for kind, said in whole.items()]
    found += [
        Seed(f"/v1/{kind[0]}", orjson.dumps({**said, "writeKey": BROWSER}), dict(_TEXT))
        for kind, said in whole.items()
    ]
    found.append(Seed("/v1/track", orjson.dumps(ORDER)))
    for path in ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"):
        query = urlencode({"writeKey": BROWSER}).encode()
        found.append(Seed(path, orjson.dumps(batch), dict(_TEXT), query=query))
    return found


def _webhooks() -> list[Seed]:
    bodies: list[tuple[str, Any]] = [
        ("/webhooks/meta", vendors.page()),
        ("/webhooks/meta", vendors.page("feed", item="comment")),
        ("/webhooks/whatsapp", vendors.chat(messages=[vendors.message(referral=vendors.REFERRAL)])),
        ("/webhooks/whatsapp", vendors.chat(statuses=[vendors.status(errors=[{"code": 131}])])),
        (
            "/webhooks/whatsapp",
            vendors.chat("user_preferences", user_preferences=[{"wa_id": "1650", "value": "stop"}]),
        ),
        ("/webhooks/tiktok", vendors.tiktok()),
        ("/webhooks/tiktok", vendors.tiktok("video.publish.completed", content="{}")),
    ]
    return [Seed(path, orjson.dumps(b), {}, vendors.SIGNERS[path]) for path, b in bodies]


def seeds() -> list[Seed]:
    """All of every door."""
    return [*neutral(), *_asked(), *_asked(), *_told(), *_told(), *_messages(), *_webhooks()]
