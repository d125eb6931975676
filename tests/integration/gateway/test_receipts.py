"""200 means in Kafka: the receipts point at the records."""

from collections import Counter

import asyncpg
import httpx
import orjson

from processors.engine.partitioner import partition_of
from schemas.topics import TOPICS
from tests.integration.gateway.running import (
    BROWSER_KEY,
    SERVER_KEY,
    SHOP,
    SHOP_SECRET,
    Gateway,
    add_key,
    client_of,
    records,
    until,
)
from tests.support.servers import KafkaServer
from tests.unit.gateway.shop import envelope, order_webhook, signature

CALLS = [
    ("/v1/touchpoints", [{"visitor_id": f"v{n}", "event_id": f"t{n}"} for n in range(50)]),
    ("/v1/events", {"event_name": "PageView", "visitor_id": "v1", "event_id": "e1"}),
    ("/v1/identify", {"visitor_id": "v1", "identifiers": {"email": "a@example.com"}}),
    ("/v1/consent", {"visitor_id": "v1", "consent": {"ad_storage": "denied"}}),
    ("/v1/orders", {"order_id": 7, "ordered_at": "2026-09-01", "revenue": 5, "currency": "EUR"}),
    ("/v1/spend", {"date": "2026-09-01", "platform": "meta", "amount": 1, "currency": "EUR"}),
    ("/api/events/checkout", envelope()),
    ("/api/v1/capi/events/stream",
     {"event_name": "Lead", "event_id": "c1", "user_data": {"email": "a@example.com"}}),
]  # fmt: skip


async def test_every_receipt_points_at_its_record(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    receipts = []
    async with client_of(gateway) as client:
        for path, body in CALLS:
            answer = await client.post(path, json=body)
            assert answer.status_code == 200, answer.text
            receipts += answer.json()["receipts"]
    found = {
        (m.topic, m.partition, m.offset): m
        for topic in {r["topic"] for r in receipts}
        for m in await records(kafka_server.bootstrap, topic_prefix, topic)
    }

    assert len(receipts) == len(found) == 57
    for receipt in receipts:
        message = found[receipt["topic"], receipt["partition"], receipt["offset"]]
        record = TOPICS[message.topic].model.model_validate_json(message.value or b"")
        said = orjson.loads(message.value or b"")
        assert message.timestamp == said["received_at"]
        assert TOPICS[message.topic].key(record).encode() == message.key
        own_id = said.get("event_id") or said.get("command_id")
        assert own_id in (receipt["event_id"], None)


async def test_a_server_event_says_where_it_will_go(gateway: Gateway) -> None:
    purchase = {
        "event_name": "Purchase",
        "event_id": "test_evt_001",
        "event_time": 1_788_000_000,
        "user_data": {"email": "a@example.com", "phone": "+14155551234"},
        "parameters": {"value": 99.99, "currency": "USD", "order_id": "o1"},
    }
    async with client_of(gateway) as server, client_of(gateway, BROWSER_KEY) as browser:
        order = (await server.post("/api/v1/capi/events/stream", json=purchase)).json()
        event = (await browser.post("/api/v1/capi/events/stream", json=purchase)).json()
        many = (
            await server.post("/api/v1/capi/events/batch", json={"events": [purchase, {}]})
        ).json()

    assert order["success"] is True
    assert order["platforms_sent"] == 2
    assert order["failed_platforms"] == []
    assert order["event_id"] == "test_evt_001"
    assert 50 < order["data_quality_score"] < 80
    assert order["receipts"][0]["data_quality_score"] == order["data_quality_score"]
    assert order["receipts"][0]["topic"] == "orders.v1"
    assert event["receipts"][0]["topic"] == "pixel_events.v1"
    assert (many["accepted"], many["rejected"][0]["index"]) == (1, 1)


async def test_a_signed_webhook_is_taken_and_a_forged_one_is_not(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    body = orjson.dumps(order_webhook())
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": SHOP.upper(),
        "Content-Type": "application/json",
    }
    path = "/api/webhooks/shopify/orders/paid"
    good = {"X-Shopify-Hmac-Sha256": signature(body, SHOP_SECRET.encode())}
    async with client_of(gateway, "") as client:
        taken = await client.post(path, content=body, headers={**headers, **good})
        forged = await client.post(path, content=body + b" ", headers={**headers, **good})

    assert (taken.status_code, forged.status_code) == (200, 401)
    (message,) = await records(kafka_server.bootstrap, topic_prefix, "orders.v1")
    assert message.key == b"demo|shopify/820982911946154508"


async def test_a_new_key_works_at_once_and_a_revoked_one_soon_does_not(
    gateway: Gateway, database: str
) -> None:
    async def refused() -> bool:
        answer = await client.post("/v1/touchpoints", json={"visitor_id": "v"})
        return answer.status_code == 401

    connection = await asyncpg.connect(database)
    try:
        async with client_of(gateway, "a-new-key") as client:
            assert await refused()
            await add_key(connection, "a-new-key", "server")

            async def taken() -> bool:
                return not await refused()

            await until(taken, seconds=1.0)
            await connection.execute("UPDATE api_keys SET revoked_at = now()")
            await until(refused, seconds=10.0)
    finally:
        await connection.close()


async def test_a_stop_is_announced_and_finishes_what_is_in_flight(gateway: Gateway) -> None:
    async with client_of(gateway) as client:
        answer = await client.post("/v1/touchpoints", json={"visitor_id": "v"})
        assert answer.status_code == 200
    assert gateway.terminate() == 0
    assert "Traceback" not in gateway.log_text


async def test_nothing_personal_and_no_key_is_logged(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        for key in (SERVER_KEY, "wrong"):
            await client.post(
                f"/v1/events?key={key}",
                json={"event_name": "Lead", "user_data": {"email": "mary.doe@example.com"}},
            )
    assert "mary.doe" not in gateway.log_text
    assert SERVER_KEY not in gateway.log_text


async def test_a_visitor_who_outruns_a_partition_is_spread_and_nobody_else(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    robot = [{"visitor_id": "robot", "event_id": f"r{n}"} for n in range(900)]
    people = [{"visitor_id": f"v{n}", "event_id": f"p{n}"} for n in range(100)]
    async with client_of(gateway) as client:
        answers = [
            (await client.post("/v1/touchpoints", json=robot + people)).json() for _ in range(2)
        ]
    assert [answer["accepted"] for answer in answers] == [1_000, 1_000]
    found = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
    places = {(m.partition, m.offset): orjson.loads(m.value or b"")["event_id"] for m in found}
    spread = Counter(m.partition for m in found if m.key == b"demo|visitor:robot")
    count = TOPICS["touchpoints.v1"].partitions

    assert len(found) == 2_000
    assert len(spread) == count
    assert min(spread.values()) > 100
    for message in found:
        if message.key != b"demo|visitor:robot":
            assert message.partition == partition_of(message.key or b"", count)
    for answer in answers:
        for receipt in answer["receipts"]:
            assert places[receipt["partition"], receipt["offset"]] == receipt["event_id"]
