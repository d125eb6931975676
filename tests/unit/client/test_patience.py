"""What the client repeats, how long it waits, what it splits, and when it gives up."""

from typing import Any

import httpx
import pytest

from processors.client import AsyncClient, Limits, RequestRefused, Unavailable
from processors.client.conversation import Lost, wait_seconds
from processors.client.fields import Event
from tests.unit.client.gateways import URL, Script, said, taken
from tests.unit.gateway.asking import NOW

EVENT: Event = {"event_name": "Lead", "visitor_id": "v"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again_in_the_same_bytes(status: int) -> None:
    script = Script(said(status), taken)
    assert script.client().event(**EVENT).event_id == script.bodies[0][0]["event_id"]
    assert len({request.content for request in script.seen}) == 1
    assert len(script.seen) == 2


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_a_failure_of_the_network_is_asked_again(error: type[httpx.TransportError]) -> None:
    script = Script(error("gone"), error("gone"), taken)
    script.client().event(**EVENT)
    assert len(script.seen) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    script = Script(said(status))
    with pytest.raises(RequestRefused, match=f"{status} e: why"):
        script.client().event(**EVENT)
    assert len(script.seen) == 1


def test_the_gateway_says_how_long_to_wait_up_to_a_limit() -> None:
    script = Script(said(429, retry_after="7"), said(503, retry_after="86400"), taken)
    script.client().event(**EVENT)
    assert script.slept == [7, 30]


def test_waits_double_up_to_a_limit_and_spread_the_clients() -> None:
    limits = Limits(first_wait_seconds=1, longest_wait_seconds=10)
    longest = [wait_seconds(Lost("x"), tries, limits, 0) for tries in range(6)]
    spread = {wait_seconds(Lost("x"), 3, limits, n * 7_919_513) for n in range(100)}

    assert longest == [1, 2, 4, 8, 10, 10]
    assert 4 < min(spread) < max(spread) <= 8
    assert len(spread) > 50


def test_patience_ends() -> None:
    script = Script(httpx.ConnectError("gone"))
    with pytest.raises(Unavailable, match=r"does not answer \(ConnectError"):
        script.limited(retries=2).event(**EVENT)
    assert len(script.seen) == 3
    with pytest.raises(Unavailable, match="503 e: why"):
        Script(said(503)).limited(retries=0).event(**EVENT)


async def test_an_event_loop_is_as_patient() -> None:
    script, slept = Script(said(503, retry_after="3"), httpx.ReadTimeout("gone"), taken), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def told(request: httpx.Request) -> httpx.Response:
        return script(request)

    transport = httpx.MockTransport(told)
    async with AsyncClient(URL, "k", transport=transport, sleep=sleep, clock=lambda: NOW) as client:
        await client.event(**EVENT)
    assert len(script.seen) == 3
    assert slept[0] == 3


def test_a_batch_is_cut_by_items_and_by_bytes_and_keeps_its_places() -> None:
    by_items, by_bytes = Script(taken), Script(taken)
    events: list[Event] = [{"event_name": f"E{n}", "visitor_id": "v"} for n in range(5)]
    large: list[Event] = [{**event, "properties": {"text": "x" * 400}} for event in events]

    answers = by_items.limited(batch_items=2).events(events)
    by_bytes.limited(batch_bytes=1_100).events(large)
    by_bytes.limited(batch_bytes=1).events(large[:2])

    assert [len(body) for body in by_items.bodies] == [2, 2, 1]
    assert [receipt.index for receipt in answers.receipts] == [0, 1, 2, 3, 4]
    assert [len(body) for body in by_bytes.bodies] == [2, 2, 1, 1, 1]


def test_a_request_that_is_too_large_is_halved() -> None:
    def small(request: httpx.Request) -> httpx.Response:
        return taken(request) if len(request.content) < 300 else said(413)

    script = Script(small)
    events: list[Event] = [{"event_name": f"E{n}", "visitor_id": "v"} for n in range(8)]
    answers = script.client().events(events)

    assert [receipt.index for receipt in answers.receipts] == list(range(8))
    assert script.bodies[-1][-1]["event_name"] == "E7"


def test_a_batch_that_ends_early_says_what_was_taken() -> None:
    script = Script(taken, taken, said(401))
    events: list[Event] = [{"event_name": f"E{n}", "visitor_id": "v"} for n in range(7)]

    with pytest.raises(RequestRefused) as caught:
        script.limited(batch_items=3).events(events)

    assert caught.value.done == 6
    assert [receipt.index for receipt in caught.value.answers.receipts] == list(range(6))


def test_halves_of_which_the_second_fails_count_the_first() -> None:
    script = Script(said(413), taken, said(403))
    events: list[Event] = [{"event_name": f"E{n}", "visitor_id": "v"} for n in range(4)]

    with pytest.raises(RequestRefused) as caught:
        script.client().events(events)

    assert (caught.value.done, len(caught.value.answers.receipts)) == (2, 2)


@pytest.mark.parametrize(
    "content", [b"<html>", b"[]", b'{"receipts": 1}', b'{"receipts": [], "rejected": []}']
)
def test_a_page_of_something_in_between_is_no_receipt(content: bytes) -> None:
    script = Script(httpx.Response(200, content=content))
    with pytest.raises(RequestRefused, match="200"):
        script.client().event(**EVENT)


def test_every_try_is_signed_anew() -> None:
    times = iter([NOW, NOW, NOW + 9_000])
    script = Script(said(503), taken)
    client = script.client(signing_secret="not-a-secret", clock=lambda: next(times))
    client.event(**EVENT)
    signed = [request.headers["x-attributary-signature"] for request in script.seen]
    assert signed[0].startswith(f"t={NOW // 1000},v1=")
    assert signed[1].startswith(f"t={NOW // 1000 + 9},v1=")


@pytest.mark.parametrize("wrong", [{"batch_items": 0}, {"buffer_items": 0}, {"retries": -1}])
def test_limits_that_let_nothing_through_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Limits(**wrong)


def test_a_key_is_never_shown() -> None:
    client = Script().client(signing_secret="not-a-secret")
    assert "a-server-key" not in repr(vars(client))
    assert "not-a-secret" not in repr(vars(client))
