"""The doors for browsers and SDKs on a real gateway: from HTTP to the topics, and on to
touchpoints, credit and the tables that the batch oracle makes of the same log."""

import random
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import orjson
import pytest

from processors.commands.operator import Refused
from processors.commands.tenants import set_values
from processors.engine import codec
from processors.engine.postgres import Database
from schemas.envelope import Frozen
from tests.integration.gateway.running import BROWSER_KEY, SERVER_KEY, records, running, until
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import Pipeline
from tests.support.served import diff, read
from tests.support.servers import KafkaServer

TOPICS = ("touchpoints.v1", "pixel_events.v1", "orders.v1", "commands.v1")
MEASUREMENT = "G-DEMO12345"
TARGET = "https://shop.example/hats?utm_source=bio&utm_medium=social"
HITS = "\r\n".join(
    [
        urlencode({"en": "page_view", "_ss": "1", "_fv": "1"}),
        urlencode({"en": "purchase", "ep.transaction_id": "S-1", "epn.value": "5", "cu": "USD"}),
    ]
)
SHARED = {
    "v": "2", "tid": MEASUREMENT, "cid": "11.17", "sid": "17", "_p": "1", "_s": "1",
    "gcs": "G111", "dl": "https://shop.example/?gclid=G1",
}  # fmt: skip
PAGE = {
    "type": "page", "anonymousId": "seg-1", "messageId": "m1", "writeKey": BROWSER_KEY,
    "context": {"page": {"url": "https://shop.example/"}, "campaign": {
        "source": "letter", "medium": "email"}},
}  # fmt: skip
ORDER = {
    "type": "track", "event": "Order Completed", "anonymousId": "seg-1", "userId": "u1",
    "messageId": "m2", "properties": {"order_id": "1001", "total": "41.97", "currency": "USD"},
}  # fmt: skip
BEACON = [
    {"visitor_id": "b1", "url": "https://shop.example/?utm_source=meta&utm_medium=cpc"},
    {"type": "event", "event_name": "AddToCart", "visitor_id": "b1"},
    {"type": "consent", "visitor_id": "b1", "consent": {"ad_storage": "denied"}},
]


async def test_what_browsers_and_sdks_send_lands_on_its_topic_and_becomes_touchpoints(
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bootstrap = kafka_server.bootstrap
    async with (
        running(
            bootstrap=bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path,
            control_refresh_seconds="0.2",
        ) as gateway,
        httpx.AsyncClient(base_url=gateway.url, timeout=30) as client,
    ):  # fmt: skip
        for name, value in gateway.environment.items():
            monkeypatch.setenv(name, value)
        assert (await _collect(client)).status_code == 401
        assert (await _follow(client)).status_code == 400
        with pytest.raises(Refused, match="redirect_hosts: evil/ is no host"):
            await set_values("demo", {"redirect_hosts": "evil/"})
        await set_values("demo", {"redirect_hosts": "shop.example"})
        await set_values("demo", {"ga4_measurement_id": MEASUREMENT})
        await _through_the_pipeline(database, await _entries(bootstrap, topic_prefix))

        async def known() -> bool:
            return (await _follow(client)).status_code == 302

        await until(known, seconds=10)
        assert (await _follow(client)).headers["location"] == TARGET
        assert (await _collect(client)).status_code == 204
        assert (await _collect(client)).status_code == 204
        image = await client.get(
            "/v1/pixel.gif", params={"key": BROWSER_KEY, "visitor_id": "g1", "ref": "partner"}
        )
        assert image.headers["content-type"] == "image/gif"
        beacon = await client.post(
            f"/v1/beacon?key={BROWSER_KEY}", content=orjson.dumps(BEACON),
            headers={"content-type": "text/plain;charset=UTF-8"},
        )  # fmt: skip
        assert (beacon.status_code, beacon.content) == (204, b"")
        page = await client.post(
            "/v1/p", content=orjson.dumps(PAGE), headers={"content-type": "text/plain"}
        )
        basic = {"authorization": f"Basic {b64encode(f'{SERVER_KEY}:'.encode()).decode()}"}
        order = await client.post("/v1/batch", json={"batch": [ORDER]}, headers=basic)
        assert [page.json()["success"], order.json()["success"]] == [True, True]

    entries = await _entries(bootstrap, topic_prefix)
    names = [(topic, getattr(record, "event_name", None)) for topic, record in entries]
    assert names.count(("pixel_events.v1", "PageView")) == 3
    assert names.count(("pixel_events.v1", "Purchase")) == 2
    assert names.count(("pixel_events.v1", "AddToCart")) == 1
    assert [topic for topic, _ in entries].count("orders.v1") == 1
    await _through_the_pipeline(database, entries)
    assert diff(served(log_of(entries)), await read(database)) == []
    touches, credited = await _shown(database)
    assert touches - {("click", "organic_social", "other")} == {
        ("11.17", "paid_search", "google"),
        ("g1", "affiliate", "affiliate"),
        ("b1", "paid_social", "meta"),
        ("seg-1", "email", "other"),
    }
    assert ("click", "organic_social", "other") in touches
    assert credited == [("1001", "email", "41.97")]


async def _collect(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post(f"/g/collect?{urlencode(SHARED)}", content=HITS)


async def _follow(client: httpx.AsyncClient) -> httpx.Response:
    return await client.get("/r", params={"key": BROWSER_KEY, "u": TARGET})


async def _entries(bootstrap: str, prefix: str) -> list[tuple[str, Frozen]]:
    """Everything on the log, topic after topic."""
    found: list[tuple[str, Frozen]] = []
    for topic in TOPICS:
        for message in await records(bootstrap, prefix, topic):
            value = codec.decode(message).value
            assert isinstance(value, Frozen)
            found.append((topic, value))
    return found


async def _through_the_pipeline(dsn: str, entries: Sequence[tuple[str, Frozen]]) -> None:
    db = await Database.connect(
        dsn, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(entries)
        await pipeline.drain(random.Random(1))
    finally:
        await db.close()


async def _shown(dsn: str) -> tuple[set[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What analysts see of touches and of the order; clicks of nobody known as one visitor."""
    conn = await asyncpg.connect(dsn)
    try:
        touches = await conn.fetch(
            "SELECT regexp_replace(visitor_id, '^click-.*', 'click') AS visitor, channel, platform"
            " FROM attribution_touchpoints"
        )
        credited = await conn.fetch(
            "SELECT c.order_id, t.channel, r.attributed_revenue::text FROM attribution_results AS r"
            " JOIN attribution_conversions AS c USING (tenant_id, conversion_id)"
            " JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)"
            " WHERE r.model = 'last_touch' AND r.attribution_window = '7d'"
        )
    finally:
        await conn.close()
    return {tuple(row) for row in touches}, [tuple(row) for row in credited]
