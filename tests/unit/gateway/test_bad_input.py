"""Whatever is wrong with an item is named, and nothing of it is produced."""

from typing import Any

import orjson
import pytest

from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.bad_input import ROWS
from tests.unit.gateway.shop import order_webhook, post_webhook


@pytest.mark.parametrize(("path", "item", "field"), ROWS)
async def test_a_bad_item_is_refused_by_field(path: str, item: Any, field: str) -> None:
    gateway = Gateway()
    body = item if isinstance(item, dict) else [item]

    answer = await gateway.post(path, body)

    assert answer.status == 422, answer.content
    assert [row["field"] for row in answer.json["rejected"]] == [field]
    assert gateway.outlet.rows == []


async def test_a_bad_item_takes_no_other_of_its_batch_with_it() -> None:
    gateway = Gateway()
    good = {"visitor_id": "v1", "occurred_at": 1_789_000_000_000}

    answer = await gateway.post("/v1/touchpoints", {"batch": [good, 7, {"visitor_id": ""}, good]})

    assert answer.status == 200
    assert answer.json["accepted"] == 2
    assert [row["index"] for row in answer.json["rejected"]] == [1, 2]
    assert [row["index"] for row in answer.json["receipts"]] == [0, 3]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"nonsense", 400),
        (b"NaN", 400),
        (b'{"visitor_id": NaN}', 400),
        (b'{"visitor_id": "\\ud800"}', 400),
        (b'{"visitor_id": "\xff"}', 400),
        (b'{"n": 1e999}', 400),
        (b"[" * 5_000, 400),
        (b"[]", 400),
        (b"null", 400),
        (b"5", 400),
        (b'"text"', 400),
        (b'{"batch": []}', 400),
        (b'{"batch": 5}', 400),
        (orjson.dumps([{}] * 1_001), 413),
        (b'{"visitor_id":"' + b"v" * 1_100_000 + b'"}', 413),
        (b"[" + b" " * 5_300_000 + b"]", 413),
        (b'{"visitor_id":"v","order_id":123456789012345678901234567890}', 200),
    ],
)
async def test_a_body_of_another_shape_is_never_a_server_error(body: bytes, status: int) -> None:
    gateway = Gateway()

    answer = await gateway.post("/v1/touchpoints", body)

    assert answer.status == status, answer.content
    assert (status == 200) == bool(gateway.outlet.rows)
    if status != 200:
        assert set(answer.json) == {"error", "detail"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/touchpoints", b'{"visitor_id":"a","visitor_id":"b"}', "visitor_id"),
        ("/v1/touchpoints", b'{"visitor_id" : "a",\n "visitor_id" :"a"}', "visitor_id"),
        ("/v1/touchpoints", b'[{"visitor_id":"v","properties":{"a":[{"b":1,"b":2}]}}]',
         "properties.a.b"),
        ("/v1/touchpoints", b'{"batch":[{"visitor_id":"v","url":"x:y","n":' + b"9" * 300
         + b',"n":null}]}', "n"),
        ("/api/v1/capi/events/stream", b'{"event_name":"Lead","event_name":"Purchase"}',
         "event_name"),
    ],
)  # fmt: skip
async def test_a_key_that_is_there_twice_is_refused_by_name(
    path: str, body: bytes, field: str
) -> None:
    gateway = Gateway()

    answer = await gateway.post(path, body)

    assert answer.status == 422, answer.content
    assert answer.json["rejected"] == [{"index": 0, "field": field, "error": "is there twice"}]
    assert gateway.outlet.rows == []


async def test_a_key_that_is_there_twice_takes_no_other_item_with_it() -> None:
    gateway = Gateway()

    answer = await gateway.post(
        "/v1/touchpoints", b'[{"visitor_id":"v"},{"visitor_id":"a","visitor_id":"b"},{}]'
    )
    around = await gateway.post("/v1/touchpoints", b'{"batch":[{"visitor_id":"v"}],"batch":[{}]}')

    assert [row["index"] for row in answer.json["rejected"]] == [1, 2]
    assert [row.index for row in gateway.outlet.rows] == [0]
    assert (around.status, around.json["detail"]) == (400, "batch: is there twice")


@pytest.mark.parametrize(
    "body",
    [
        b'{"visitor_id":"a\\":b","properties":{"a":{"x":1},"b":{"x":1},"\\":":"\\":\\":"}}',
        b'{ "visitor_id" : "v\\u003a", "properties" : {"n" : 1.50} }',
    ],
)
async def test_equal_keys_of_different_objects_and_colons_in_texts_are_no_duplicates(
    body: bytes,
) -> None:
    gateway = Gateway()

    assert (await gateway.post("/v1/touchpoints", body)).status == 200


async def test_a_signed_webhook_counts_as_its_sender_made_it() -> None:
    gateway = Gateway()
    body = orjson.dumps(order_webhook())

    answer = await post_webhook(gateway, "orders/paid", b'{"id":1,' + body[1:])

    assert answer.status == 200
    assert len(gateway.outlet.records("orders.v1")) == 1


async def test_an_item_of_a_batch_has_the_limit_of_a_single_one() -> None:
    gateway = Gateway()
    large = {"visitor_id": "v", "properties": {"a": "x" * 1_100_000}}

    answer = await gateway.post("/v1/touchpoints", [{"visitor_id": "v"}, large])

    assert answer.status == 200
    assert answer.json["accepted"] == 1
    assert "larger" in answer.json["rejected"][0]["error"]
