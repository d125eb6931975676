"""The client and the real gateway: what one says the other takes."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from processors.client import (
    AsyncBuffer,
    Buffer,
    Client,
    EcommerceTracker,
    EventType,
    ItemRejected,
    RequestRefused,
    StandardEvent,
    UnifiedConversionsAPI,
    UnifiedEventsAPI,
)
from processors.client import items as doors
from processors.client.fields import Event, Order, Touchpoint
from processors.gateway.keys import Key, Rules
from tests.unit.client.gateways import URL, async_client_of, client_of, through
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Gateway

WHEN = datetime.fromtimestamp(NOW / 1000, UTC)
TOUCH: Touchpoint = {"visitor_id": "v", "url": "https://shop.example/?gclid=1", "type": "click"}
EVENT: Event = {
    "event_name": "AddToCart", "visitor_id": "v", "value": Decimal("9.90"), "currency": "EUR",
    "contents": [{"product_id": 7, "price": "4.95", "quantity": 2, "title": "Mütze"}],
    "user_data": {"first_name": "José"}, "properties": {"size": 1.5},
}  # fmt: skip
ORDER: Order = {
    "order_id": 1001, "ordered_at": WHEN, "revenue": Decimal("129.90"), "currency": "EUR",
    "visitor_id": "v", "discount_codes": ["FALL"], "line_items": [{"sku": "s", "price": 129.9}],
}  # fmt: skip


def test_every_call_is_taken() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        made = [
            client.touchpoint(**TOUCH),
            client.event(**EVENT),
            client.order(**ORDER),
            client.identify(visitor_id="v", identifiers={"email": "mary@example.com"}),
            client.consent(visitor_id="v", consent={"ad_storage": "denied"}),
        ]

    assert [receipt.topic for receipt in made] == [
        "touchpoints.v1", "pixel_events.v1", "orders.v1", "pixel_events.v1", "commands.v1",
    ]  # fmt: skip
    order = gateway.outlet.records("orders.v1")[0]
    assert (order.gross, order.order_id, order.ordered_at) == (12_990, "1001", NOW)
    event = gateway.outlet.records("pixel_events.v1")[0]
    assert (event.value, event.contents[0].title, event.occurred_at) == (990, "Mütze", NOW)


async def test_every_call_of_an_event_loop_is_taken() -> None:
    gateway = Gateway()
    async with async_client_of(gateway) as client, AsyncBuffer(client) as buffer:
        made = [
            await client.touchpoint(**TOUCH),
            await client.event(**EVENT),
            await client.order(**ORDER),
            await client.identify(visitor_id="v", identifiers={"customer_id": 7}),
            await client.consent(visitor_id="v", consent={"ad_storage": "denied"}),
        ]
        await buffer.event(event_name="Lead", visitor_id="v")
        answers = await client.server_events([EVENT])
        assert await EcommerceTracker(client).lead(visitor_id="v")

    assert len(made) == 5
    assert answers.platforms == 2
    assert len(gateway.outlet.rows) == 8


def test_batches_of_every_kind_are_taken() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        taken = [
            client.touchpoints([TOUCH, TOUCH]),
            client.events([EVENT]),
            client.orders([ORDER]),
            client.identities([{"visitor_id": "v", "identifiers": {"external_id": "x"}}]),
            client.consents([{"visitor_id": "v", "consent": {"ad_storage": "granted"}}]),
        ]

    assert [len(answers.receipts) for answers in taken] == [2, 1, 1, 1, 1]
    assert not any(answers.rejections for answers in taken)


@pytest.mark.parametrize(
    ("path", "item"),
    [
        (doors.TOUCHPOINTS, {**TOUCH, "occurred_at": "2026-09-01T10:00:00Z"}),
        (doors.EVENTS, {**EVENT, "occurred_at": NOW, "value": 9.9}),
        (doors.ORDERS, {**ORDER, "ordered_at": NOW, "revenue": 129.9}),
    ],
)
async def test_an_item_without_an_id_has_the_one_that_the_gateway_gives_it(
    path: str, item: dict[str, Any]
) -> None:
    gateway, client = Gateway(), Client(URL, "k")
    made = client.item(path, item)
    plain = {key: value for key, value in doors.plain(item, "").items() if key != "event_id"}

    answer = await gateway.post(path, plain)

    assert answer.json["receipts"][0]["event_id"] == made.event_id
    client.close()


def test_a_call_whose_answer_got_lost_is_one_event_twice_under_one_id() -> None:
    gateway = Gateway()
    with client_of(gateway, lost=[0, 2, 4, 6, 8]) as client:
        client.touchpoint(**TOUCH)
        client.event(**EVENT)
        client.order(**ORDER)
        client.identify(visitor_id="v", identifiers={"customer_id": 7})
        client.consent(visitor_id="v", consent={"ad_storage": "denied"})

    ids = [row.event_id for row in gateway.outlet.rows]
    assert len(ids) == 10
    assert ids[::2] == ids[1::2]
    assert len(set(ids)) == 5
    first, again = gateway.outlet.records("orders.v1")
    assert first.content_hash == again.content_hash


def test_two_equal_calls_are_two_events() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        ids = {client.event(**EVENT).event_id for _ in range(5)}
    times = [record.occurred_at for record in gateway.outlet.records("pixel_events.v1")]
    assert len(ids) == 5
    assert times == [NOW, NOW + 1, NOW + 2, NOW + 3, NOW + 4]


def test_a_refusal_names_the_field_and_costs_no_other_item() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        bad: Event = {"event_name": "Lead", "visitor_id": "v", "currency": "XXQ", "event_id": "b"}
        answers = client.events([EVENT, bad, EVENT])
        with pytest.raises(ItemRejected, match="visitor_id: or an id") as caught:
            client.touchpoint(url="https://shop.example/")

    assert [receipt.index for receipt in answers.receipts] == [0, 2]
    rejection = answers.rejections[0]
    assert (rejection.index, rejection.field, rejection.event_id) == (1, "currency", "b")
    assert caught.value.rejection.field == "visitor_id"


def test_a_gateway_without_room_is_given_the_time_that_it_asks_for() -> None:
    gateway, slept = Gateway(), []
    gateway.outlet.full = True

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        gateway.outlet.full = len(slept) < 2

    with Client(URL, SERVER, transport=through(gateway), sleep=sleep, clock=lambda: NOW) as client:
        client.event(**EVENT)
    assert slept == [5, 5]
    assert len(gateway.outlet.rows) == 1


def test_a_key_that_may_not_is_told_so() -> None:
    with (
        client_of(Gateway(), key=BROWSER) as client,
        pytest.raises(RequestRefused, match="403") as caught,
    ):
        client.order(**ORDER)
    assert caught.value.done == 0


def test_a_key_that_signs_is_proven() -> None:
    gateway = Gateway()
    signs = Key("demo", True, rules=Rules(secret=b"synthetic-signing-secret"))
    gateway.directory.snapshot.keys[hashlib.sha256(b"mine").hexdigest()] = signs

    def speaking(secret: str | None) -> Client:
        return Client(
            URL, "mine", signing_secret=secret, transport=through(gateway), clock=lambda: NOW
        )

    with speaking("synthetic-signing-secret") as client:
        assert client.event(**EVENT).topic == "pixel_events.v1"
    for wrong in ("another", None):
        with speaking(wrong) as client, pytest.raises(RequestRefused, match="sign"):
            client.event(**EVENT)


def test_an_event_that_the_key_may_send_in_vain_says_so() -> None:
    gateway = Gateway()
    denies = Key("demo", True, rules=Rules(denied=frozenset({"Lead"})))
    gateway.directory.snapshot.keys[hashlib.sha256(b"mine").hexdigest()] = denies
    with client_of(gateway, key="mine") as client:
        assert client.event(event_name="Lead", visitor_id="v").filtered == "event_denied"
        assert client.event(event_name="Contact", visitor_id="v").filtered is None


def test_a_buffer_sends_everything_when_it_is_left() -> None:
    gateway = Gateway()
    with client_of(gateway) as client, Buffer(client) as buffer:
        told = [buffer.event(**EVENT), buffer.touchpoint(**TOUCH), buffer.order(**ORDER)]
        assert gateway.outlet.rows == []
    assert [row.event_id for row in gateway.outlet.rows] == told


def test_one_call_goes_to_all_connected_platforms() -> None:
    gateway = Gateway()
    gateway.directory.snapshot = replace(gateway.directory.snapshot, failing={"demo": ("meta",)})
    with client_of(gateway) as client:
        sent = UnifiedEventsAPI(client).send(StandardEvent.LEAD, visitor_id="v", url="https://s.ex")
        bought = UnifiedConversionsAPI(client).send(
            EventType.PURCHASE, visitor_id="v", order_id="7", value="5", currency="EUR"
        )
        with pytest.raises(ItemRejected, match="visitor_id"):
            UnifiedEventsAPI(client).send("Quiz")
        with pytest.raises(ValueError, match="PageView"):
            UnifiedConversionsAPI(client).send("PageView", visitor_id="v")  # type: ignore[arg-type]

    assert (sent.platforms, sent.receipt.topic) == (2, "pixel_events.v1")
    assert tuple(sent.failing) == ("meta",)
    assert 0 < sent.data_quality_score < 100
    assert bought.receipt.topic == "orders.v1"
