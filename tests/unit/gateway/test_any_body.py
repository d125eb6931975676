"""Any JSON at all, on any route: never a server error, and what is produced is on the contract."""

import asyncio
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.gateway.registry import HANDLERS
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.bad_input import EVENT, ORDER, ROWS, SPEND
from tests.unit.gateway.shop import envelope, order_webhook, post_webhook, refund_webhook

PLAIN = [
    path
    for path, entry in HANDLERS.items()
    if entry.signed is None and not entry.upload and entry.form is None
]
NAMES = sorted(
    {name for _, item, _ in ROWS if isinstance(item, dict) for name in item}
    | set(order_webhook())
    | set(envelope())
    | {"batch", "user_data", "parameters", "event_time", "session_start", "sent_at", "token"}
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**63), max_value=2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["", "null", "0", "a@example.com", "+14155550100", "USD", "2026-09-01", "v\0"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
GOOD: list[dict[str, Any]] = [
    {"visitor_id": "v1", "identifiers": {"email": "a@example.com"}, "properties": {}},
    dict(ORDER),
    dict(EVENT),
    dict(SPEND),
    {"visitor_id": "v1", "consent": {"ad_storage": "denied"}, "identifiers": {"customer_id": 5}},
    envelope(),
]


def changed(item: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The item with some of its values replaced by anything."""
    changes = st.dictionaries(st.sampled_from(sorted(item) + NAMES), JSON, max_size=4)
    return changes.map(lambda new: {**item, **new})


async def produced(gateway: Gateway) -> int:
    """Records on all topics, each of which must be on the contract."""
    topics = {row.raw.topic for row in gateway.outlet.rows}
    return sum(len(gateway.outlet.records(topic)) for topic in topics)


@settings(max_examples=120, deadline=None)
@given(path=st.sampled_from(PLAIN), body=JSON | st.sampled_from(GOOD).flatmap(changed))
def test_any_json_is_taken_or_refused_and_the_records_are_on_the_contract(
    path: str, body: Any
) -> None:
    async def ask() -> None:
        gateway = Gateway()
        answer = await gateway.post(path, orjson.dumps(body))
        assert answer.status in (200, 400, 413, 422), answer.content
        taken = answer.json.get("accepted", 0)
        assert await produced(gateway) == taken
        for row in answer.json.get("receipts", ()):
            assert gateway.outlet.rows[row["offset"]].event_id == row["event_id"]

    asyncio.run(ask())


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(PLAIN), body=st.binary(max_size=60))
def test_any_bytes_are_answered(path: str, body: bytes) -> None:
    async def ask() -> None:
        gateway = Gateway()
        answer = await gateway.post(path, body)
        assert answer.status in (400, 422), answer.content
        assert gateway.outlet.rows == []

    asyncio.run(ask())


@settings(max_examples=80, deadline=None)
@given(
    topic=st.sampled_from(["orders/paid", "orders/updated", "refunds/create", "what/ever"]),
    body=st.sampled_from([order_webhook(), refund_webhook()]).flatmap(changed) | JSON,
)
def test_any_signed_webhook_is_taken_or_refused(topic: str, body: Any) -> None:
    async def ask() -> None:
        gateway = Gateway()
        answer = await post_webhook(gateway, topic, orjson.dumps(body))
        assert answer.status in (200, 400, 422), answer.content
        assert await produced(gateway) == answer.json.get("accepted", 0)

    asyncio.run(ask())


@settings(max_examples=80, deadline=None)
@given(item=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), name=st.sampled_from(NAMES))
def test_no_email_and_no_phone_is_ever_produced_in_clear(item: dict[str, Any], name: str) -> None:
    async def ask() -> None:
        gateway = Gateway()
        said = {"visitor_id": "v", "event_name": "Lead", **item, name: "mary.doe@example.com"}
        said["properties"] = {"note": "mary.doe@example.com, +14155550100", name: "+14155550100"}
        for path in ("/v1/touchpoints", "/v1/events", "/api/events/checkout"):
            answer = await gateway.post(path, orjson.dumps(said))
            assert b"mary.doe" not in answer.content
        for row in gateway.outlet.rows:
            assert b"mary.doe" not in (row.raw.value or b"") + (row.raw.key or b"")
            assert b"4155550100" not in (row.raw.value or b"")

    asyncio.run(ask())
