"""What the doors with a form of their own refuse: keys that are there twice by name, and whole
bodies into the quarantine, from where an operator puts them back after a fix."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from processors.commands import letters, refused
from processors.commands.refused import Selection
from processors.commands.tenants import set_values
from tests.integration.gateway.running import BROWSER_KEY, Gateway, records, running
from tests.support.servers import KafkaServer

MEASUREMENT = "G-DEMO12345"
SHARED = urlencode({"v": "2", "tid": MEASUREMENT, "cid": "11.17", "_p": "1", "_s": "1"})
HITS = b"\r\n".join(b"en=%b" % name for name in (b"page_view", b"add_to_cart", b"scroll"))
BEACON = [{"event_name": "PageView", "visitor_id": f"b{n}"} for n in range(3)]
MESSAGES = [
    {"type": "track", "event": "Product Added", "messageId": f"m{n}", "context": {"locale": "de"}}
    for n in range(3)
]
ACCEPTED = [
    *[("events", visitor["visitor_id"], "PageView") for visitor in BEACON],
    *[("ga4", "11.17", name) for name in ("PageView", "AddToCart", "scroll")],
    *[("segment", "an-1", "AddToCart")] * 3,
]
NOTE = "x" * 500
BIG = [("events", "b0", "beacon"), ("events", "i1", "image"), ("ga4", "11.17", "tag")]
BASIC = {"authorization": "Basic " + b64encode(f"{BROWSER_KEY}:".encode()).decode()}
VISITOR = {"anonymousid": b64encode(b"an-1").decode()}
BEACON_PATH = f"/v1/beacon?key={BROWSER_KEY}"
GA4_PATH = f"/g/collect?{SHARED}"


async def test_bodies_that_could_not_be_read_are_found_and_accepted_after_a_fix(
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path,
        max_batch_items="2", max_event_bytes="400",
    ) as gateway:  # fmt: skip
        for name, value in gateway.environment.items():
            monkeypatch.setenv(name, value)
        await set_values("demo", {"ga4_measurement_id": MEASUREMENT})
        await gateway_refuses(gateway)

        assert (await letters.waiting()).refused == {
            ("/g/collect", "size", ""): 1,
            ("/g/collect", "schema", ""): 1,
            ("/p.gif", "schema", ""): 1,
            ("/v1/beacon", "schema", ""): 1,
            ("/v1/batch", "size", ""): 1,
            ("/v1/batch", "json", ""): 1,
            ("/v1/beacon", "size", ""): 1,
            ("/v1/beacon", "json", ""): 1,
        }
        found = await refused.listed(Selection(kind="size"), limit=5)
        assert {(item.key_kind, item.index, item.error) for item in found} == {
            ("browser", None, "the batch has more than 2 items")
        }

        gateway.kill()
        gateway.configure(max_batch_items="100", max_event_bytes="4000")
        await gateway.start()
        first = await refused.put_back(Selection(), gateways=[gateway.url])
        second = await refused.put_back(Selection(), gateways=[gateway.url])
        again = await refused.put_back(Selection(), gateways=[gateway.url], again=True)

        assert (first.matched, first.lost, first.accepted) == (8, 0, 12)
        assert (second.done, second.accepted, sum(second.still.values())) == (6, 0, 2)
        assert again.accepted == 12
        assert sum((await letters.waiting()).refused.values()) == 8
        events = await records(kafka_server.bootstrap, topic_prefix, "pixel_events.v1")
        said = [orjson.loads(message.value or b"") for message in events]
        once = {one["event_id"]: one for one in said}.values()
        assert sorted(
            (one["source"], one["visitor_id"], one["event_name"]) for one in once
        ) == sorted([*ACCEPTED, *BIG])
        assert len(said) == 2 * len(once)
        arrived = await refused.listed(Selection(), limit=10)
        for name in ("occurred_at", "received_at"):
            assert {one[name] for one in said} == {
                item.received_at for item in arrived if item.kind != "json"
            }


async def gateway_refuses(gateway: Gateway) -> None:
    """Five bodies: three with too many items, two that are no JSON; and one of nobody's. Then
    three items that are too large."""
    batch = {"batch": MESSAGES}
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        answers = [
            await client.post(GA4_PATH, content=HITS),
            await client.post("/v1/batch", json=batch, headers=BASIC | VISITOR),
            await client.post("/v1/batch", content=b'{"batch":[', headers=BASIC),
            await client.post(BEACON_PATH, json=BEACON),
            await client.post(BEACON_PATH, content=b"[{"),
            await client.post("/v1/batch", content=b'{"writeKey":'),
        ]
        assert [answer.status_code for answer in answers] == [413, 413, 400, 413, 400, 400]
        large = [
            await client.get(f"{GA4_PATH}&en=tag&ep.note={NOTE}"),
            await client.get(f"/p.gif?key={BROWSER_KEY}&visitor_id=i1&event_name=image&n={NOTE}"),
            await client.post(BEACON_PATH, json=[{**BEACON[0], "event_name": "beacon", "n": NOTE}]),
        ]
        assert [answer.status_code for answer in large] == [422] * 3
        settled = await client.post(
            BEACON_PATH,
            json={"type": "consent", "visitor_id": "v", "consent": {"ad_storage": "denied"}},
        )
        assert settled.status_code == 204


async def test_a_key_that_is_there_twice_is_refused_by_name(gateway: Gateway) -> None:
    hat = '{"anonymousId":"a","event":"Hat","properties":{"n":1,"n":2}}'
    event = '{"event_name":"PageView","visitor_id":"a","visitor_id":"b"}'
    track, beacon = f'{{"batch":[{hat[:-1]},"type":"track"}}]}}', f'[{event},{{"visitor_id":"v"}}]'
    around = '{"context":{"ip":"::1","ip":"::2"},"batch":[{"type":"track","event":"A"}]}'
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        answers = [
            await client.post("/v1/track", content=hat, headers=BASIC),
            await client.post("/v1/batch", content=track, headers=BASIC),
            await client.post(BEACON_PATH, content=beacon),
        ]
        whole = await client.post("/v1/batch", content=around, headers=BASIC)

    assert [answer.status_code for answer in answers] == [422, 422, 200]
    assert [answer.json()["rejected"] for answer in answers] == [
        [{"index": 0, "field": field, "error": "is there twice"}]
        for field in ("properties.n", "properties.n", "visitor_id")
    ]
    assert (whole.status_code, whole.json()["detail"]) == (400, "context.ip: is there twice")
