"""Keys, encodings, limits, pages: what is decided before an item is looked at."""

import asyncio
import gzip
import zlib
from typing import Any

import cramjam
import orjson
import pytest

from tests.unit.gateway.asking import BROWSER, SERVER, Gateway

TOUCH = {"visitor_id": "v1"}
ORDER = {"order_id": 1, "ordered_at": "2026-09-01", "revenue": 1, "currency": "EUR"}


@pytest.mark.parametrize("key", [None, "", "wrong", "x" * 10_000, "clé"])
async def test_without_a_known_key_nothing_is_taken(key: str | None) -> None:
    gateway = Gateway()

    answer = await gateway.post("/v1/touchpoints", TOUCH, key=key)

    assert answer.status == 401
    assert answer.json["error"] == "unauthorized"
    assert gateway.outlet.rows == []


async def test_the_key_may_stand_in_three_places() -> None:
    gateway = Gateway()

    by_header = await gateway.post(
        "/v1/touchpoints", TOUCH, key=None, headers={"x-api-key": SERVER}
    )
    by_query = await gateway.post(f"/v1/touchpoints?key={BROWSER}", TOUCH, key=None)
    by_bearer = await gateway.post("/v1/touchpoints", TOUCH)

    assert [a.status for a in (by_header, by_query, by_bearer)] == [200, 200, 200]


@pytest.mark.parametrize(("path", "item"), [("/v1/orders", ORDER), ("/v1/spend", {})])
async def test_a_browser_key_cannot_post_money(path: str, item: Any) -> None:
    assert (await Gateway().post(path, item, key=BROWSER)).status == 403


async def test_before_keys_are_loaded_the_answer_is_try_again() -> None:
    gateway = Gateway()
    gateway.directory.loaded = False

    answer = await gateway.post("/v1/touchpoints", TOUCH, key="not known yet")

    assert answer.status == 503
    assert answer.headers["retry-after"]
    assert (await gateway.get("/readyz")).status == 503


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain;charset=UTF-8", 200),
        ("application/cloudevents+json", 200),
        ("application/xml", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 415),
    ],
)
async def test_only_what_may_be_json_is_read(kind: str, status: int) -> None:
    answer = await Gateway().post("/v1/touchpoints", TOUCH, headers={"content-type": kind})

    assert answer.status == status


OVER_A_GIGABYTE = b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"
"""A frame of zstd that asks for a window of two gigabytes."""


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(orjson.dumps(TOUCH), mtime=0), 200),
        (
            "GZIP",
            gzip.compress(b"[", mtime=0) + gzip.compress(orjson.dumps(TOUCH) + b"]", mtime=0),
            200,
        ),
        ("deflate", zlib.compress(orjson.dumps(TOUCH)), 200),
        ("deflate", raw_deflate(orjson.dumps(TOUCH)), 200),
        ("identity", orjson.dumps(TOUCH), 200),
        ("gzip", b"not gzip", 400),
        ("gzip", gzip.compress(orjson.dumps(TOUCH), mtime=0)[:-12], 400),
        ("gzip", b"", 400),
        ("gzip", gzip.compress(b" " * 50_000_000, mtime=0), 413),
        ("gzip", gzip.compress(b"", mtime=0) * 260_000, 400),
        ("br", bytes(cramjam.brotli.compress(orjson.dumps(TOUCH))), 200),
        ("br", bytes(cramjam.brotli.compress(orjson.dumps([TOUCH] * 900))), 200),
        ("br", bytes(cramjam.brotli.compress(orjson.dumps(TOUCH)))[:-2], 400),
        ("br", b"x", 400),
        ("br", bytes(cramjam.brotli.compress(b" " * 50_000_000)), 413),
        ("zstd", bytes(cramjam.zstd.compress(orjson.dumps(TOUCH))), 200),
        ("zstd", bytes(cramjam.zstd.compress(orjson.dumps([TOUCH] * 900))), 200),
        ("zstd", bytes(cramjam.zstd.compress(orjson.dumps(TOUCH)))[:-2], 400),
        ("zstd", b"x", 400),
        ("zstd", bytes(cramjam.zstd.compress(b" " * 50_000_000)), 413),
        ("zstd", OVER_A_GIGABYTE, 400),
        ("compress", b"x", 415),
        ("gzip, gzip", gzip.compress(gzip.compress(orjson.dumps(TOUCH), mtime=0), mtime=0), 415),
        ("zstd,br", b"x", 415),
    ],
    ids=lambda given: f"{len(given)} bytes" if type(given) is bytes else str(given),
)
async def test_encodings_are_undone_within_the_limit(
    encoding: str, body: bytes, status: int
) -> None:
    answer = await Gateway().post("/v1/touchpoints", body, headers={"content-encoding": encoding})

    assert answer.status == status, answer.content


async def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    async def receive() -> Any:
        raise AssertionError("the body was read")

    headers = {"authorization": f"Bearer {SERVER}", "content-length": "999999999999"}
    answer = await Gateway().converse("POST", "/v1/touchpoints", headers, receive)

    assert answer.status == 413
    assert answer.headers["connection"] == "close"


async def test_a_body_that_stalls_is_given_up() -> None:
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        if parts:
            return parts.pop()
        await asyncio.Event().wait()

    gateway = Gateway(body_timeout_seconds=0.05)
    headers = {"authorization": f"Bearer {SERVER}"}
    sweep = asyncio.ensure_future(gateway.app.sweep())

    assert (await gateway.converse("POST", "/v1/touchpoints", headers, receive)).status == 408
    sweep.cancel()


async def test_a_body_without_an_end_is_cut_off() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    headers = {"authorization": f"Bearer {SERVER}"}

    assert (await Gateway().converse("POST", "/v1/touchpoints", headers, receive)).status == 413


async def test_with_too_many_requests_at_once_the_next_one_waits_outside() -> None:
    gateway = Gateway(max_in_flight_requests=1)
    held = asyncio.Event()
    asked = asyncio.Event()

    async def receive() -> Any:
        asked.set()
        await held.wait()
        return {"type": "http.request", "body": b'{"visitor_id":"v"}', "more_body": False}

    headers = {"authorization": f"Bearer {SERVER}"}
    slow = asyncio.ensure_future(gateway.converse("POST", "/v1/touchpoints", headers, receive))
    await asked.wait()
    answer = await gateway.post("/v1/touchpoints", TOUCH)
    held.set()

    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert (await slow).status == 200
    assert (await gateway.post("/v1/touchpoints", TOUCH)).status == 200


async def test_a_client_that_leaves_gets_no_answer_and_leaves_no_trace() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    gateway = Gateway(max_in_flight_requests=1)
    headers = {"authorization": f"Bearer {SERVER}"}

    for _ in range(3):
        answer = await gateway.converse("POST", "/v1/touchpoints", headers, receive)
        assert answer.status == 0
    assert (await gateway.post("/v1/touchpoints", TOUCH)).status == 200


async def test_the_pages_are_there() -> None:
    gateway = Gateway()
    await gateway.post("/v1/touchpoints", TOUCH)

    alive, ready, metrics, docs = [
        await gateway.get(path) for path in ("/healthz", "/readyz", "/metrics", "/docs")
    ]
    described = (await gateway.get("/openapi.json")).json

    assert [a.status for a in (alive, ready, metrics, docs)] == [200, 200, 200, 200]
    assert b'attributary_requests_total{route="/v1/touchpoints",status="200"} 1.0' in (
        metrics.content
    )
    assert described["openapi"].startswith("3.1")
    assert "/api/webhooks/shopify/{topic}" in described["paths"]


async def test_doors_of_every_form_are_described() -> None:
    paths = (await Gateway().get("/openapi.json")).json["paths"]

    pixel, redirect, collect = paths["/v1/pixel.gif"], paths["/r"]["get"], paths["/g/collect"]
    settings, track = paths["/v1/projects/{writeKey}/settings"]["get"], paths["/v1/track"]["post"]
    assert set(pixel) == {"get"}
    assert set(collect) == {"get", "post"}
    assert "requestBody" not in pixel["get"]
    assert {"visitor_id", "event_name"} <= {p["name"] for p in pixel["get"]["parameters"]}
    assert {"tid", "cid", "en", "gcs"} <= {p["name"] for p in collect["post"]["parameters"]}
    assert "302" in redirect["responses"]
    write_key = {"name": "writeKey", "in": "path", "required": True, "schema": {"type": "string"}}
    assert write_key in settings["parameters"]
    assert {"basic": []} in track["security"]
    assert set(track["requestBody"]["content"]) == {"application/json", "text/plain"}


async def test_a_slash_at_the_end_makes_no_other_door() -> None:
    answer = await Gateway().post("/v1/touchpoints/", TOUCH)

    assert answer.status == 200


async def test_a_full_spool_and_a_stop_are_not_ready() -> None:
    gateway = Gateway()
    gateway.outlet.open = False
    full = await gateway.get("/readyz")
    gateway.outlet.open = True
    gateway.app.closing = True
    closing = await gateway.get("/readyz")

    assert full.json["reasons"] == ["the spool is full"]
    assert closing.json["reasons"] == ["closing"]
    assert full.status == closing.status == 503


@pytest.mark.parametrize(
    ("spooling", "takes", "status", "goes_to"),
    [
        (False, True, 200, "kafka"),
        (True, True, 200, "spool"),
        (True, False, 503, "nowhere"),
    ],
)
async def test_where_accepted_records_go_is_told(
    spooling: bool, takes: bool, status: int, goes_to: str
) -> None:
    gateway = Gateway()
    gateway.outlet.spooling, gateway.outlet.open = spooling, takes
    gateway.app.closing = True

    health = await gateway.get("/sink-health")

    assert (health.status, health.json["goes_to"]) == (status, goes_to)


async def test_other_paths_and_methods_are_named() -> None:
    gateway = Gateway()

    assert (await gateway.get("/nothing")).status == 404
    assert (await gateway.get("/v1/touchpoints")).status == 405
    assert (await gateway.post("/metrics", {})).status == 404
    preflight = await gateway.ask("OPTIONS", "/v1/events", b"", {})
    assert preflight.status == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"]
