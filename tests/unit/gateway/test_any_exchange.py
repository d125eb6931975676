"""Any query and any body at the doors for browsers and SDKs: never a server error, and what is
produced is on the contract, without a clear email or phone number."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.gateway import flat
from processors.gateway.registry import HANDLERS
from processors.gateway.routes import segment
from tests.unit.gateway.asking import MEASUREMENT, SERVER, Gateway
from tests.unit.gateway.test_any_body import JSON, NAMES, produced
from tests.unit.gateway.test_pixel_and_beacon import MIXED
from tests.unit.gateway.test_segment import CONTEXT, ORDER, TRACK

QUERIES = ["/p.gif", "/r", "/g/collect", "/collect"]
MESSAGES = [
    path for path, entry in HANDLERS.items() if entry.form is segment.FORM or path == "/v1/identify"
]
ANSWERS = {200, 204, 302, 400, 413, 422}
GOOD_QUERIES: list[dict[str, str]] = [
    {"visitor_id": "v1", "u": "https://shop.example/"},
    {"event_name": "Purchase", "visitor_id": "v1", "order_id": "7", "value": "1", "contents": "[]"},
    {"v": "2", "tid": MEASUREMENT, "cid": "1.2", "en": "purchase", "pr1": "idA~pr1~qt2", "_p": "1"},
    {"v": "1", "tid": "UA-1", "cid": "1.2", "t": "transaction", "ti": "7", "tr": "1", "qt": "99"},
]
FIELDS = sorted({*flat.NAMES, *(name for said in GOOD_QUERIES for name in said), "epn.x", "up.y"})
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "0", "null", "1e999", "-1", "NaN", "[", "a@example.com", "+14155550100", "v\0", "G111"]
)
INNER = ["page", "traits", "campaign", "consent", "device", "consentManagement", "sessionId", "ip"]
WORDS = sorted({*NAMES, *TRACK, *CONTEXT, *TRACK["properties"], *ORDER["properties"], *INNER})
SAID = st.recursive(
    JSON,
    lambda inner: st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=8,
)


async def judge(gateway: Gateway, answer: Any) -> None:
    assert answer.status in ANSWERS, answer.content
    if answer.status in (400, 413, 422):
        assert gateway.outlet.rows == []
    await produced(gateway)
    for row in gateway.outlet.rows:
        assert b"a@example.com" not in (row.raw.value or b"") + (row.raw.key or b"")
        assert b"4155550100" not in (row.raw.value or b"")


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(QUERIES),
    said=st.sampled_from(GOOD_QUERIES),
    more=st.dictionaries(st.sampled_from(FIELDS) | TEXT, TEXT, max_size=5),
)
def test_any_query_is_taken_or_refused(path: str, said: dict[str, str], more: Any) -> None:
    async def ask() -> None:
        gateway = Gateway()
        query = urlencode({**said, **more, "key": SERVER})
        await judge(gateway, await gateway.get(f"{path}?{query}"))

    asyncio.run(ask())


@settings(max_examples=30, deadline=None)
@given(path=st.sampled_from(["/g/collect", "/v1/beacon", "/v1/track"]), body=st.binary(max_size=80))
def test_any_bytes_are_answered(path: str, body: bytes) -> None:
    async def ask() -> None:
        gateway = Gateway()
        await judge(gateway, await gateway.post(path, body))

    asyncio.run(ask())


@settings(max_examples=50, deadline=None)
@given(
    path=st.sampled_from([*MESSAGES, "/v1/beacon"]),
    said=st.sampled_from([TRACK, ORDER, *MIXED]),
    changes=st.dictionaries(st.sampled_from(WORDS), SAID, max_size=4),
    wrapped=st.booleans(),
)
def test_any_message_is_taken_or_refused(
    path: str, said: dict[str, Any], changes: dict[str, Any], wrapped: bool
) -> None:
    async def ask() -> None:
        gateway = Gateway()
        message = {**said, **changes}
        body = {"batch": [message], "sentAt": changes.get("sentAt")} if wrapped else message
        await judge(gateway, await gateway.post(path, orjson.dumps(body)))

    asyncio.run(ask())
