"""What a drill holds against the receipts that it was given."""

import json

import pytest

from deploy.demo.lines import Request
from deploy.drills.receipts import Reading, Receipts
from processors.engine.processor import Message

TOPIC = "orders.v1"


def message(offset: int, **value: object) -> Message:
    return Message(TOPIC, 0, offset, 0, b"acme|x", json.dumps(value).encode())


def reading(*promised: tuple[str, int | None]) -> Reading:
    """Of receipts: an event and its offset, None for one that was spooled."""
    receipts = Receipts()
    request = Request(path="/v1/orders", body=b"{}", tenant="acme")
    rows = [
        {"event_id": name, "topic": TOPIC, "partition": 0, "offset": at} for name, at in promised
    ]
    receipts.keep(request, 200, {"receipts": rows})
    return receipts.reading(TOPIC)


@pytest.mark.parametrize(
    ("promised", "log", "wrong"),
    [
        ([("a", 0), ("b", None)], [message(0, event_id="a"), message(1, event_id="b")], 0),
        ([("a", 1)], [message(0, event_id="a")], 1),
        ([("a", 0)], [message(0, event_id="b")], 1),
        ([("a", None)], [message(0, event_id="b")], 1),
        ([("a", None)], [message(0, event_id="b"), message(1, nothing=1)], 1),
        ([("a", 0), ("b", None)], [message(0, amount=1), message(1, amount=2)], 0),
        ([("a", 0), ("b", None)], [message(0, amount=1)], 1),
    ],
    ids=[
        "all there", "nothing at its place", "another at its place", "spooled and lost",
        "a record without a name stands for nothing", "none has a name, and all are there",
        "none has a name, and one is lost",
    ],
)  # fmt: skip
def test_a_promise_is_kept_when_the_event_is_where_it_was_said_to_be(
    promised: list[tuple[str, int | None]], log: list[Message], wrong: int
) -> None:
    found = reading(*promised)
    for one in log:
        found.take(one)
    assert len(found.wrong) == wrong
