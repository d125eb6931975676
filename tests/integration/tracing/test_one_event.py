"""One order from the door to a platform and back, under one trace id, through real processes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time

import asyncpg
import httpx
import orjson
import pytest

from processors.engine.vault import Vault
from tests.integration.fanout.field import QUICK, Simulator
from tests.integration.gateway.running import Gateway, client_of, records, running, until
from tests.support.collector import Collector, Seen, collecting
from tests.support.servers import KafkaServer

TOUCH = {"visitor_id": "v1", "url": "https://shop.example/?utm_source=google&utm_medium=cpc"}
ORDER = {
    "order_id": "o-1", "visitor_id": "v1", "revenue": "129.90", "currency": "USD",
    "customer": {"email": "somebody@shop.example"},
}  # fmt: skip
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
WAY = [
    ("gateway", "POST /v1/orders"),
    ("gateway", "send orders.v1"),
    ("identity", "process orders.v1"),
    ("identity", "send conversions.v1"),
    ("credit", "process conversions.v1"),
    ("credit", "send credits.v1"),
    ("dedupe", "process credits.v1"),
    ("dedupe", "send deliveries.meta.v1"),
]
ENDS = {("fanout", "send delivery_outcomes.v1"), ("summary", "process credits.v1")}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def trace(monkeypatch: pytest.MonkeyPatch, collector: Collector, ratio: str) -> None:
    """What the processes that start from here on trace."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("ATTRIBUTARY_TRACE_RATIO", ratio)
    monkeypatch.setenv("ATTRIBUTARY_TRACE_EXPORT_SECONDS", "0.1")


@contextmanager
def processors(gateway: Gateway, simulator: Simulator, folder: Path) -> Iterator[Path]:
    """The processors behind a gateway; yields their log."""
    log = folder / "stages.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.tracing.stages"],
            env=gateway.environment | QUICK | {"ATTRIBUTARY_META_BASE_URL": simulator.url},
            stdout=out,
            stderr=out,
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(30)


async def connect_meta(dsn: str, vault_key: str) -> None:
    """An account at Meta, and none elsewhere."""
    conn = await asyncpg.connect(dsn)
    try:
        sealed = Vault(vault_key).encrypt(orjson.dumps({"access_token": "token-1"}).decode())
        await conn.execute("DELETE FROM platform_connections WHERE platform <> 'meta'")
        await conn.execute(
            "UPDATE platform_connections SET account_id = 'px-1', credentials_encrypted = $1",
            sealed,
        )
    finally:
        await conn.close()


def find(spans: list[Seen], *hop: str) -> list[Seen]:
    return [span for span in spans if span.hop == hop]


async def test_an_order_is_one_tree_from_the_request_to_the_outcome_and_a_retry_is_of_it(
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    tmp_path: Path,
) -> None:
    trace(monkeypatch, collector, "1")
    meta = Simulator("meta", tmp_path)
    await meta.start()
    try:
        async with running(
            bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
        ) as gateway:
            await connect_meta(database, gateway.environment["ATTRIBUTARY_VAULT_KEY"])
            await meta.script({"status": 503})
            with processors(gateway, meta, tmp_path) as log:
                async with client_of(gateway) as client:
                    await client.post("/v1/touchpoints", json=TOUCH)
                    soon = datetime.fromtimestamp(time() + 5, UTC).isoformat()
                    answer = await client.post("/v1/orders", json=ORDER | {"ordered_at": soon})
                assert answer.status_code == 200, answer.text
                own = answer.headers["x-trace-id"]

                async def told() -> bool:
                    return {last.hop for last in collector.of(own)} >= ENDS

                try:
                    await until(told)
                except AssertionError:
                    raise AssertionError(log.read_text()[-4_000:]) from None
        outcome = (await records(kafka_server.bootstrap, topic_prefix, "delivery_outcomes.v1"))[-1]
    finally:
        meta.kill()
    spans = collector.of(own)
    roots = [span.hop for span in spans if not span.parent]
    assert roots == WAY[:1]
    assert all(collector.path(span)[0] == WAY[0] for span in spans), "one tree"
    (last,) = find(spans, "fanout", "send delivery_outcomes.v1")
    assert collector.path(last) == [*WAY, last.hop]
    assert outcome.traceparent == f"00-{own}-{last.span}-01"
    (queued,) = find(spans, "fanout", "process deliveries.meta.v1")
    assert collector.path(queued) == [*WAY, queued.hop]
    tried = find(spans, "fanout", "deliver meta")
    assert [collector.path(one) for one in tried] == [[*WAY, tried[0].hop]] * 2
    assert [one.attributes["attributary.attempt"] for one in tried] == [1, 2]
    assert [one.failed for one in tried] == [True, False]
    (summed,) = find(spans, "summary", "process credits.v1")
    assert collector.path(summed)[:-1] == WAY[:-2]
    assert summed.attributes["attributary.outcome"] == "applied"
    assert summed.attributes["messaging.destination.name"] == "credits.v1"
    assert summed.attributes["messaging.consumer.group.name"] == "summary"
    said = repr(collector.spans)
    for secret in ("v1'", "somebody", "utm_", "o-1", "token-1", "server-key"):
        assert secret not in said.replace(".v1'", ""), (
            f"{secret} is none of the collector's business"
        )


async def test_what_is_not_sampled_carries_no_header_and_only_a_servers_parent_decides(
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    tmp_path: Path,
) -> None:
    trace(monkeypatch, collector, "0")
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
    ) as gateway:
        async with (
            client_of(gateway) as server,
            client_of(gateway, "browser-key-of-the-demo") as page,
        ):

            async def post(client: httpx.AsyncClient, parent: str | None) -> str | None:
                headers = {} if parent is None else {"traceparent": parent}
                answer = await client.post("/v1/touchpoints", json=TOUCH, headers=headers)
                assert answer.status_code == 200
                found: str | None = answer.headers.get("x-trace-id")
                return found

            assert await post(server, None) is None
            assert await post(server, UNSAMPLED) is None
            assert await post(page, PARENT) is None, "a browser cannot ask for load"
            assert await post(server, "00-rubbish") is None
            assert await post(server, PARENT) == PARENT[3:35]
            gateway.terminate()
            gateway.environs({"OTEL_EXPORTER_OTLP_ENDPOINT": ""})
            await gateway.start()
            assert await post(server, PARENT) is None, "without an endpoint there are no traces"
        taken = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
    assert len(taken) == 6
    (carried,) = [one.traceparent for one in taken if one.traceparent is not None]
    sent, request = sorted(collector.of(PARENT[3:35]), key=lambda span: span.name)[::-1]
    assert (request.hop, request.parent) == (("gateway", "POST /v1/touchpoints"), PARENT[36:52])
    assert (sent.parent, f"00-{sent.trace}-{sent.span}-01") == (request.span, carried)
    assert not collector.of(UNSAMPLED[3:35])
