"""What the gateway refused is found by an operator, and accepted once more after a fix."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from processors.commands import letters, refused
from processors.commands.conserve import conserve
from processors.commands.refused import Selection
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database
from tests.integration.gateway.running import BROWSER_KEY, Gateway, client_of, records, running
from tests.support.servers import KafkaServer

LARGE: dict[str, Any] = {"visitor_id": "v1", "properties": {"note": "x" * 500}}
TOUCHES = "/v1/touchpoints"
BROWSER = {b"sec-gpc": b"1", b"user-agent": "Mozilla/5.0 (M\u00fcller)".encode()}


def as_operator(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands see what the gateway sees."""
    for name, value in gateway.environment.items():
        monkeypatch.setenv(name, value)


async def test_a_refused_item_is_found_and_accepted_after_a_fix(
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path,
        max_event_bytes="400",
    ) as gateway:  # fmt: skip
        as_operator(gateway, monkeypatch)
        async with client_of(gateway, BROWSER_KEY) as client:
            items = [{"visitor_id": "v0"}, LARGE, {}]
            answer = await client.post(TOUCHES, json=items, headers=BROWSER)
            assert answer.json()["accepted"] == 1
            await client.post(TOUCHES, content=b"{")
            await _settled(client)

        waiting = await letters.waiting()
        assert waiting.refused == {
            (TOUCHES, "schema", ""): 1,
            (TOUCHES, "schema", "visitor_id"): 1,
            (TOUCHES, "json", ""): 1,
        }
        (found,) = await refused.listed(Selection(tenant="demo", field="visitor_id"), limit=5)
        assert found.error == "or an id in identifiers is needed"
        assert [item.kind for item in await refused.listed(Selection(), limit=1)] == ["json"]

        gateway.kill()
        gateway.configure(max_event_bytes="4000")
        await gateway.start()
        counted = await refused.put_back(Selection(), gateways=[gateway.url], dry_run=True)
        first = await refused.put_back(Selection(), gateways=[gateway.url])
        second = await refused.put_back(Selection(), gateways=[gateway.url])
        again = await refused.put_back(Selection(), gateways=[gateway.url], again=True)

        assert (counted.matched, counted.accepted) == (3, 0)
        assert (first.matched, first.accepted) == (3, 1)
        assert first.still["visitor_id: or an id in identifiers is needed"] == 1
        assert (second.done, second.accepted) == (1, 0)
        assert again.accepted == 1
        assert sum((await letters.waiting()).refused.values()) == 3

        (large,) = await refused.listed(Selection(kind="schema", field=""), limit=5)
        touches = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
        said = [orjson.loads(message.value or b"") for message in touches]
        late = [record for record in said if "properties" in record]
        assert len(said) == 3
        assert {record["occurred_at"] for record in late} == {large.received_at}
        assert len({record["event_id"] for record in late}) == 1
        first_come = next(record for record in said if "properties" not in record)
        for name in ("consent", "browser", "device_fingerprint", "received_at"):
            assert [record[name] for record in late] == [first_come[name]] * 2
        assert first_come["consent"]["ad_user_data"] == "denied"
        async with Cluster(kafka_server.bootstrap, prefix=topic_prefix) as cluster:
            db = await Database.connect(database, application_name="test")
            report = await conserve(cluster=cluster, db=db)
            await db.close()
        received = [(line.topic, line.received, line.pending) for line in report.lines]
        assert report.exact
        assert sorted(received) == [("commands.v1", 1, 1), ("touchpoints.v1", 3, 3)]


async def _settled(client: httpx.AsyncClient) -> None:
    """No answer waits for what is kept; the next one that is taken comes after it."""
    answer = await client.post(
        "/v1/consent", json={"visitor_id": "v", "consent": {"ad_storage": "denied"}}
    )
    assert answer.status_code == 200
