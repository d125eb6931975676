"""Requests that are right, of every route and encoding: what the mutations begin with. What
browsers, other vendors' SDKs and their webhooks send is in `doors.py`."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cramjam
import orjson

from tests.unit.gateway import shop, stores
from tests.unit.gateway.asking import SERVER, SHOP
from tests.unit.gateway.bad_input import ANSWER, EVENT, ORDER, ROWS, SPEND
from tests.unit.gateway.test_uploads import CSV, FORM, ITEMS, UPLOAD, form
from tests.unit.gateway.test_uploads import ROWS as TABLE

Headers = dict[str, str]
KEY: Final[Headers] = {"authorization": f"Bearer {SERVER}"}
TOUCH: Final = {
    "visitor_id": "v1", "session_id": "s1", "occurred_at": 1_789_999_000_000, "type": "click",
    "url": "https://shop.example/?utm_source=google&gclid=Cj0&email=a%40example.com",
    "referrer": "https://www.google.com/", "user_agent": "Mozilla/5.0",
    "identifiers": {"email": "a@example.com", "phone": "+14155550100", "customer_id": 5},
    "consent": {"ad_storage": "granted"}, "properties": {"a": [1, {"b": None}], "c": 1.5e-7},
}  # fmt: skip
PURCHASE: Final = {
    "event_name": "Purchase", "event_time": 1_789_999_000, "event_id": "e1",
    "user_data": {"em": ["a@example.com"], "ph": "+14155550100", "fn": "Mary"},
    "custom_data": {"value": 9.99, "currency": "USD", "order_id": "o1", "contents": [{"id": "p"}]},
}  # fmt: skip


def _same(raw: bytes) -> bytes:
    return raw


def _deflated(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


PACKED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "identity": _same,
    "gzip": gzip.compress,
    "deflate": _deflated,
    "br": lambda raw: bytes(cramjam.brotli.compress(raw)),
    "zstd": lambda raw: bytes(cramjam.zstd.compress(raw)),
}


@dataclass(frozen=True)
class Seed:
    """One request. A signed one is signed over whatever its body became."""

    path: str
    body: bytes
    headers: Headers = field(default_factory=lambda: dict(KEY))
    sign: Callable[[bytes], Headers] | None = None
    query: bytes = b""
    method: str = "POST"

    def sent(self, body: bytes) -> Headers:
        """The headers for a body."""
        return self.headers if self.sign is None else {**self.headers, **self.sign(body)}


def _plain() -> list[Seed]:
    bodies: list[tuple[str, Any]] = [
        ("/v1/touchpoints", TOUCH),
        ("/v1/touchpoints", [TOUCH, {"visitor_id": "v2"}]),
        ("/v1/touchpoints", {"batch": [TOUCH]}),
        ("/v1/orders", {**ORDER, "refunds": [{"refund_id": 1, "amount": "1.00"}],
                        "line_items": [{"sku": "a", "quantity": 2, "price": 3}],
                        "disputes": [{"dispute_id": 1, "status": "open"}]}),
        ("/v1/events", {**EVENT, "value": 5, "currency": "EUR", "contents": [{"id": 1}, "p2"]}),
        ("/v1/spend", SPEND),
        ("/v1/identify", {"visitor_id": "v", "identifiers": {"email": "a@example.com"}}),
        ("/v1/consent", {"visitor_id": "v", "consent": {"ad_storage": "denied"}}),
        ("/webhooks/survey", ANSWER),
        ("/api/v1/capi/events/stream", PURCHASE),
        ("/api/v1/capi/events/batch", {"data": [PURCHASE, {"event_name": "Lead"}]}),
        ("/api/v1/capi/quality/analyze", {"data": [PURCHASE, {"event_name": "Lead"}]}),
        ("/api/events/checkout", shop.envelope()),
    ]  # fmt: skip
    bodies += [(path, item) for path, item, _ in ROWS[::4]]
    return [Seed(path, json.dumps(body).encode()) for path, body in bodies]


def _signed() -> list[Seed]:
    def as_shopify(raw: bytes) -> Headers:
        return {"x-shopify-hmac-sha256": shop.signature(raw)}

    seeds = []
    for topic, body in (
        ("orders/paid", shop.order_webhook()),
        ("refunds/create", shop.refund_webhook()),
        ("disputes/create", {"id": 1, "order_id": 2, "status": "needs_response"}),
        ("what/ever", {"id": 1}),
    ):
        said = {"x-shopify-shop-domain": SHOP, "x-shopify-topic": topic}
        path = f"/api/webhooks/shopify/{topic}"
        seeds.append(Seed(path, orjson.dumps(body), said, as_shopify))
    for sender, said in (
        ("woocommerce", stores.woo_order()),
        ("bigcommerce", stores.bigcommerce_event()),
        ("bigcommerce", stores.bigcommerce_event(data=stores.bigcommerce_order())),
        ("ecommerce", {**ORDER, "source": "till"}),
    ):
        seeds.append(Seed(stores.PATH, orjson.dumps(said), {}, stores.SIGNERS[sender]))
    return seeds


def _uploads() -> list[Seed]:
    table = TABLE.encode()
    return [
        Seed(UPLOAD, table, {**KEY, **CSV}),
        Seed(UPLOAD, TABLE.encode("utf-16"), {**KEY, **CSV}),
        Seed(UPLOAD, json.dumps({"batch_id": "b", "conversions": ITEMS}).encode(), {**KEY, **CSV}),
        Seed(UPLOAD, form(table, batch_name="x", platform="meta"), {**KEY, **FORM}),
        Seed(UPLOAD, gzip.compress(table), {**KEY, **CSV, "content-encoding": "gzip"}),
    ]


def _packed(plain: list[Seed]) -> list[Seed]:
    return [
        Seed(seed.path, pack(seed.body), {**KEY, "content-encoding": name})
        for name, pack in PACKED.items()
        for seed in plain[:6]
    ]


def neutral() -> list[Seed]:
    """Of the gateway's own form, of shops, and files; those that go deepest twice."""
    plain = _plain()
    return [*plain, *plain, *_signed(), *_signed(), *_packed(plain), *_uploads()]
