"""Buffers: bounded, in order, and nothing leaves them without an answer."""

import json

import httpx
import pytest

from processors.client import AsyncBuffer, AsyncClient, Buffer, Limits, RequestRefused, Unavailable
from tests.unit.client.gateways import URL, Script, said, taken
from tests.unit.gateway.asking import NOW


def names(script: Script) -> list[list[str]]:
    """The events of every request."""
    return [[item.get("event_name", "-") for item in body] for body in script.bodies]


def test_a_full_buffer_is_sent_before_more_comes_in() -> None:
    script = Script()
    buffer = Buffer(script.limited(buffer_items=2))
    for n in range(5):
        buffer.event(event_name=f"E{n}", visitor_id="v")
    assert names(script) == [["E0", "E1"], ["E2", "E3"]]
    assert len(buffer) == 1
    assert len(buffer.flush().receipts) == 1
    assert len(buffer) == 0


def test_the_order_of_calls_is_kept_across_doors() -> None:
    script = Script()
    buffer = Buffer(script.client())
    buffer.identify(visitor_id="v", identifiers={"customer_id": 1})
    buffer.touchpoint(visitor_id="v")
    buffer.touchpoint(visitor_id="w")
    buffer.consent(visitor_id="v", consent={"ad_storage": "denied"})
    buffer.order(order_id=1, ordered_at=NOW, revenue=1, currency="EUR", visitor_id="v")
    buffer.flush()
    assert [(request.url.path, len(json.loads(request.content))) for request in script.seen] == [
        ("/v1/identify", 1), ("/v1/touchpoints", 2), ("/v1/consent", 1), ("/v1/orders", 1),
    ]  # fmt: skip


def test_an_outage_keeps_what_waits_and_refuses_what_comes() -> None:
    script = Script(httpx.ConnectError("gone"))
    buffer = Buffer(script.limited(buffer_items=2, retries=0))
    ids = [buffer.event(event_name=f"E{n}", visitor_id="v") for n in range(2)]
    with pytest.raises(Unavailable):
        buffer.event(event_name="E2", visitor_id="v")
    assert len(buffer) == 2

    script._answers = [taken]
    assert [receipt.event_id for receipt in buffer.flush().receipts] == ids


def test_what_was_answered_before_an_outage_is_not_sent_again() -> None:
    script = Script(taken, said(503), taken)
    buffer = Buffer(script.limited(batch_items=2, retries=0))
    for n in range(5):
        buffer.event(event_name=f"E{n}", visitor_id="v")
    with pytest.raises(Unavailable) as caught:
        buffer.flush()
    assert (len(caught.value.answers.receipts), len(buffer)) == (2, 3)
    assert len(buffer.flush().receipts) == 3
    assert names(script) == [["E0", "E1"], ["E2", "E3"], ["E2", "E3"], ["E4"]]


def test_a_refusal_in_a_batch_that_nobody_asked_for_is_told_by_the_next_flush() -> None:
    refused = {"accepted": 0, "receipts": [], "rejected": [
        {"index": 0, "field": "visitor_id", "error": "is required"}]}  # fmt: skip
    script = Script(httpx.Response(422, json=refused), taken)
    buffer = Buffer(script.limited(buffer_items=1))
    first = buffer.event(event_name="E0")
    buffer.event(event_name="E1", visitor_id="v")
    answers = buffer.flush()
    assert [rejection.event_id for rejection in answers.rejections] == [first]
    assert len(answers.receipts) == 1
    assert buffer.flush().rejections == ()


async def test_a_buffer_of_an_event_loop_is_bounded_too_and_flushes_at_the_end() -> None:
    script = Script(taken, said(401), taken)
    limits = Limits(batch_items=1)

    async def told(request: httpx.Request) -> httpx.Response:
        return script(request)

    transport = httpx.MockTransport(told)
    async with AsyncClient(
        URL, "k", transport=transport, clock=lambda: NOW, limits=limits
    ) as client:
        async with AsyncBuffer(client) as buffer:
            await buffer.touchpoint(visitor_id="v")
            await buffer.touchpoint(visitor_id="w")
            with pytest.raises(RequestRefused):
                await buffer.flush()
            assert len(buffer) == 1
            await buffer.event(event_name="E1", visitor_id="v")
            await buffer.order(order_id=1, ordered_at=NOW, revenue=1, currency="EUR")
            await buffer.identify(visitor_id="v", identifiers={"customer_id": 1})
            await buffer.consent(visitor_id="v", consent={"ad_storage": "denied"})
        assert len(buffer) == 0
    assert [request.url.path for request in script.seen] == [
        "/v1/touchpoints", "/v1/touchpoints", "/v1/touchpoints", "/v1/events", "/v1/orders",
        "/v1/identify", "/v1/consent",
    ]  # fmt: skip
