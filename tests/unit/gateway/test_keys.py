"""What a key is bound to: an end, pages, a rate, events without effect, signatures."""

import hashlib
import hmac
from typing import Any

import orjson
import pytest

from processors.domain.origins import Origins
from processors.gateway.bucket import Bucket
from processors.gateway.keys import Key, Rules
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Gateway

TOUCH = {"visitor_id": "v1"}
SHOP = "https://shop.example"
SECRET = b"synthetic-signing-secret"
PURCHASE = {"event_name": "Purchase", "event_id": "p", "value": 5, "currency": "EUR", "order_id": 1}


def gateway_with(key: Key, **overrides: Any) -> Gateway:
    """A gateway that knows one more key, `mine`."""
    gateway = Gateway(**overrides)
    gateway.directory.snapshot.keys[hashlib.sha256(b"mine").hexdigest()] = key
    return gateway


def signed(body: bytes, *, at: int = NOW // 1000, secret: bytes = SECRET) -> dict[str, str]:
    """The header of a request that the secret signs."""
    digest = hmac.new(secret, b"%d." % at + body, hashlib.sha256).hexdigest()
    return {"x-attributary-signature": f"t={at},v1={digest}"}


async def test_a_key_ends_when_it_says() -> None:
    before = gateway_with(Key("demo", True, rules=Rules(until=NOW + 1)))
    after = gateway_with(Key("demo", True, rules=Rules(until=NOW)))

    assert (await before.post("/v1/touchpoints", TOUCH, key="mine")).status == 200
    refused = await after.post("/v1/touchpoints", TOUCH, key="mine")
    assert (refused.status, refused.json["detail"]) == (401, "the key or token has expired")
    assert after.outlet.rows == []


@pytest.mark.parametrize(
    ("origin", "status"),
    [(SHOP, 200), (None, 200), ("https://evil.example", 403), ("null", 403)],
)
async def test_a_browser_key_serves_its_own_pages_alone(origin: str | None, status: int) -> None:
    gateway = gateway_with(Key("demo", False, rules=Rules(origins=Origins([SHOP]))))
    headers = {} if origin is None else {"origin": origin}

    for path, shown in (("/v1/touchpoints", {}), ("/v1/touchpoints?key=mine", {"key": None})):
        key: Any = shown.get("key", "mine")
        answer = await gateway.post(path, TOUCH, key=key, headers=headers)
        assert answer.status == status
        if status == 403:
            assert answer.json["error"] == "origin_not_allowed"
            assert str(origin) in answer.json["detail"]
            assert "access-control-allow-origin" not in answer.headers
    assert len(gateway.outlet.rows) == (2 if status == 200 else 0)


async def test_a_browser_key_without_origins_serves_any_page() -> None:
    answer = await Gateway().post(
        "/v1/touchpoints", TOUCH, key=BROWSER, headers={"origin": "https://anywhere.example"}
    )

    assert answer.status == 200


async def test_beyond_its_rate_a_key_waits_and_others_do_not() -> None:
    bucket = Bucket(rate=0.001, burst=3, now=0)
    gateway = gateway_with(Key("demo", True, bucket))

    assert (await gateway.post("/v1/touchpoints", [TOUCH] * 2, key="mine")).status == 200
    too_many = await gateway.post("/v1/touchpoints", [TOUCH] * 2, key="mine")
    fits = await gateway.post("/v1/touchpoints", TOUCH, key="mine")
    empty = await gateway.post("/v1/touchpoints", TOUCH, key="mine")
    other = await gateway.post("/v1/touchpoints", TOUCH, key=SERVER)

    assert [a.status for a in (too_many, fits, empty, other)] == [429, 200, 429, 200]
    assert int(empty.headers["retry-after"]) in range(990, 1001)
    assert empty.json["error"] == "rate_limited"
    metrics = (await gateway.get("/metrics")).content
    assert b'attributary_limited_requests_total{tenant="demo"} 2.0' in metrics
    assert len(gateway.outlet.rows) == 4


async def test_a_request_without_tokens_is_refused_before_its_body_is_read() -> None:
    bucket = Bucket(rate=0.001, burst=1, now=0)
    bucket.take(1, 1e9)
    gateway = gateway_with(Key("demo", True, bucket))

    async def receive() -> Any:
        raise AssertionError("the body was read")

    answer = await gateway.converse("POST", "/v1/events", {"authorization": "Bearer mine"}, receive)
    assert answer.status == 429


async def test_denied_events_are_kept_marked_and_told() -> None:
    gateway = gateway_with(Key("demo", True, rules=Rules(denied=frozenset({"Purchase", "noise"}))))
    events = [{"event_name": n, "visitor_id": "v"} for n in ("PageView", "noise", "noise")]

    answer = await gateway.post("/v1/events", events, key="mine")
    order = await gateway.post("/api/v1/capi/events/stream", PURCHASE, key="mine")

    told = [{"index": 1, "rule": "event_denied"}, {"index": 2, "rule": "event_denied"}]
    assert (answer.json["accepted"], answer.json["filtered"]) == (3, told)
    assert order.json["filtered"] == [{"index": 0, "rule": "event_denied"}]
    marks = [record.filtered for record in gateway.outlet.records("pixel_events.v1")]
    assert marks == [None, "event_denied", "event_denied", "event_denied"]
    assert gateway.outlet.records("orders.v1") == []


async def test_a_key_that_signs_is_taken_at_its_word_for_five_minutes() -> None:
    gateway = gateway_with(Key("demo", True, rules=Rules(secret=SECRET)))
    body = orjson.dumps(TOUCH)
    at = NOW // 1000

    async def status(headers: dict[str, str]) -> int:
        return (await gateway.post("/v1/touchpoints", body, key="mine", headers=headers)).status

    good = signed(body)["x-attributary-signature"]
    assert await status(signed(body)) == 200
    assert await status(signed(body, at=at - 299)) == 200
    assert await status({"x-attributary-signature": f"{good},v1=00"}) == 200
    taken = len(gateway.outlet.rows)
    for headers in (
        {},
        signed(body, at=at - 301),
        signed(body, at=at + 301),
        signed(body + b" "),
        signed(body, secret=b"another"),
        {"x-attributary-signature": good.replace(f"t={at}", f"t={at + 1}")},
        {"x-attributary-signature": "t=,v1="},
        {"x-attributary-signature": f"t={at}"},
        {"x-attributary-signature": "nonsense"},
    ):
        assert await status(headers) == 401, headers
    assert len(gateway.outlet.rows) == taken == 3


async def test_a_key_that_signs_cannot_upload_a_file_unsigned() -> None:
    gateway = gateway_with(Key("demo", True, rules=Rules(secret=SECRET)))

    answer = await gateway.post("/api/v1/audit/offline-conversions/upload", b"a,b\n", key="mine")

    assert answer.status == 403
