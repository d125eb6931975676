"""One person goes through gateway, log, tables, deliveries, dead letters and spool, and is erased:
then every store is searched for what was plain, for what opens, and for their ids."""

import asyncio
import hashlib
import io
import json
import random
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from deploy.local.ports import free_port
from processors.commands import erase as command
from processors.commands import export
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database
from processors.engine.sealing import CannotOpen, Sealer, names_of
from processors.engine.spec import CATALOGUE
from schemas.topics import SOURCES
from tests.integration.gateway.running import Gateway, client_of, running
from tests.support.pipeline import Pipeline
from tests.support.servers import KafkaServer

EMAIL, PHONE = "jane.recognisable@example.com", "+4915112345678"
FIRST, LAST, STREET = "Janerecognisable", "Doerecognisable", "Recognisablecity"
VISITOR, CUSTOMER = "visitor-recognisable", "customer-recognisable"
PLAIN = (EMAIL, PHONE.strip("+"), FIRST, LAST, STREET)
HASHES = tuple(hashlib.sha256(v.encode()).hexdigest() for v in (EMAIL, PHONE.strip("+")))
IDS = (VISITOR, CUSTOMER, *HASHES)
SEALED = re.compile(rb"2\.[0-9a-f]{64}:[0-9a-f,:]+\.[A-Za-z0-9+/=]+")

COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns AS c
JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
    AND c.data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying')
ORDER BY 1, 2"""


class World:
    """Everything in which something may be left."""

    def __init__(self, gateway: Gateway, away: Gateway, pipeline: Pipeline, folder: Path) -> None:
        self.gateway, self.away, self.pipeline, self.folder = gateway, away, pipeline, folder
        self._environment = gateway.environment
        self._seen: set[tuple[str, int, int]] = set()
        self.sealer = Sealer(b64decode(self._environment["ATTRIBUTARY_SEAL_KEY"]))

    async def flow(self) -> None:
        """What is in Kafka goes through every processor."""
        async with self._cluster() as cluster:
            for topic in SOURCES:
                async for m in cluster.read_topic(topic):
                    place = (m.topic, m.partition, m.offset)
                    if place not in self._seen:
                        self._seen.add(place)
                        self.pipeline.broker.produce(topic, m.key or b"", m.value, m.timestamp)
        await self.pipeline.drain(random.Random(1))
        fanout = await self.pipeline.started("fanout")
        while await self.pipeline.turn(fanout, 1_000):
            pass

    async def stores(self) -> dict[str, bytes]:
        """All topics, spools and logs."""
        found: dict[str, bytes] = {}
        async with self._cluster() as cluster:
            for topic in (*SOURCES, "dead_letters.gateway.v1"):
                held = [m.value or b"" async for m in cluster.read_topic(topic)]
                found[f"kafka {topic}"] = b"\n".join(held)
        for topic in CATALOGUE:
            lines = [m.value or b"" for m in self.pipeline.broker.read(topic)]
            letters = [orjson.loads(line).get("value") for line in lines if b'"group"' in line]
            lines += [b64decode(value) for value in letters if value]
            found[f"memory {topic}"] = b"\n".join(lines)
        for path in self.folder.rglob("*"):
            if path.is_file():
                found[f"file {path.name}"] = path.read_bytes()
        return found

    async def rows(self, conn: Any) -> dict[str, bytes]:
        """Every column of every table that can hold text."""
        return {
            f"{table}.{column}": "\n".join(
                row[0]
                for row in await conn.fetch(f'SELECT "{column}"::text FROM "{table}"')
                if row[0]
            ).encode()
            for table, column in await conn.fetch(COLUMNS)
        }

    async def opens(self, conn: Any, stores: dict[str, bytes]) -> set[str]:
        """Stores of which any sealed text opens with all keys that there are."""
        keys = {
            (r["subject"], r["key_id"]): r["key"]
            for r in await conn.fetch("SELECT subject, key_id, key FROM person_keys")
        }
        found = set()
        for name, text in _sealed(stores):
            try:
                self.sealer.open("demo", text, keys)
                found.add(name)
            except CannotOpen:
                continue
        return found

    def _cluster(self) -> Cluster:
        own = self._environment
        return Cluster(
            own["KAFKA_BOOTSTRAP_SERVERS"], prefix=own["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"]
        )


def _sealed(stores: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for name, content in stores.items():
        for found in SEALED.findall(content):
            yield name, found.decode()


def _holding(stores: dict[str, bytes], words: tuple[str, ...]) -> set[str]:
    return {n for n, content in stores.items() if any(w.encode() in content for w in words)}


async def _live(world: World) -> None:
    """A visit, an order, an item that is refused, one that is spooled, and a dead letter."""
    ids = {"email": EMAIL, "phone": PHONE, "customer_id": CUSTOMER}
    details = {"first_name": FIRST, "last_name": LAST, "city": STREET}
    event = {
        "event_name": "ViewContent", "event_id": "seen", "visitor_id": VISITOR,
        "identifiers": ids, "user_data": details,
    }  # fmt: skip
    touch = {"visitor_id": VISITOR, "url": "https://shop.example.com/?gclid=abc", "event_id": "t"}
    order = {
        "order_id": "1001", "ordered_at": "2026-05-01T10:00:00Z", "revenue": "80.00",
        "currency": "USD", "visitor_id": VISITOR, "identifiers": ids, "user_data": details,
    }  # fmt: skip
    async with client_of(world.gateway) as client:
        for path, item in (("touchpoints", touch), ("events", event), ("orders", order)):
            answer = await client.post(f"/v1/{path}", json=item)
            assert answer.status_code == 200, answer.text
        refused = {**order, "revenue": "much", "order_id": "1002"}
        assert (await client.post("/v1/orders", json=refused)).status_code == 422
    async with client_of(world.away) as client:
        late = await client.post("/v1/events", json={**event, "event_id": "spooled"})
        assert late.status_code == 202
    await world.flow()
    broken = next(m for m in world.pipeline.broker.read("orders.v1") if m.value)
    assert broken.value is not None
    value = broken.value.replace(b'"USD"', b'"usd"')
    world.pipeline.broker.produce("orders.v1", broken.key or b"", value, broken.timestamp)
    await world.flow()


@pytest.fixture
async def world(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:  # fmt: skip
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path,
        log_level="DEBUG",
    ) as gateway:  # fmt: skip
        for name, value in gateway.environment.items():
            if name.startswith("ATTRIBUTARY_") or name in (
                "KAFKA_BOOTSTRAP_SERVERS",
                "DATABASE_URL",
            ):
                monkeypatch.setenv(name, value)
        folder = tmp_path / "away"
        folder.mkdir()
        away = Gateway(
            bootstrap=f"127.0.0.1:{free_port()}", dsn=database, prefix=topic_prefix,
            folder=folder, keys=_keys(gateway),
        )  # fmt: skip
        db = await Database.connect(
            database, role="attributary_processor", application_name="erasure", max_size=4
        )
        try:
            await away.start()
            yield World(gateway, away, Pipeline(db), tmp_path)
        finally:
            away.kill()
            await db.close()


def _keys(gateway: Gateway) -> Any:
    from tests.integration.gateway.running import Keys

    own = gateway.environment
    return Keys(own["ATTRIBUTARY_SEAL_KEY"], own["ATTRIBUTARY_VAULT_KEY"])


async def test_nothing_of_somebody_erased_is_found_or_opened_anywhere(
    world: World, database: str
) -> None:
    conn = await asyncpg.connect(database)
    try:
        await _live(world)
        stores = await world.stores()
        tables = await world.rows(conn)
        assert _holding({**stores, **tables}, PLAIN) == set()
        opened = await world.opens(conn, {**stores, **tables})
        assert {
            "kafka orders.v1", "kafka pixel_events.v1", "kafka dead_letters.gateway.v1",
            "memory dead_letters.orders.v1", "memory deliveries.meta.v1",
            "order_versions.snapshot", "pixel_events.raw_data", "deliveries.payload",
        } <= opened  # fmt: skip
        assert any(name.endswith(".spool") for name in opened)
        assert {"identity_nodes.node", "conversions.folded", "attribution_touchpoints.anchor"} <= (
            _holding(tables, IDS)
        )

        out = io.StringIO()
        told = await export.export(EMAIL, tenant="demo", out=out)
        document = json.loads(out.getvalue())
        assert told is not None
        assert told.counts == {name: len(document[name]) for name in told.counts}
        assert {f"customer:{CUSTOMER}", f"visitor:{VISITOR}"} <= {*document["ids"]}
        for name in ("touchpoints", "pixel_events", "orders", "credit", "journeys", "links",
                     "deliveries", "refused"):  # fmt: skip
            assert document[name], name
        for name in ("pixel_events", "orders", "deliveries", "refused"):
            assert FIRST in json.dumps(document[name]), name
        assert await export.export("email:nobody@example.com", tenant="demo", out=out) is None

        erasing = asyncio.create_task(command.erase(EMAIL, tenant="demo", reason="asked by letter"))
        while not erasing.done():
            await world.flow()
            await asyncio.sleep(0.05)
        [done] = await erasing
        assert done.is_finished
        assert done.counts["deliveries_cancelled"] >= 2

        stores, tables = await world.stores(), await world.rows(conn)
        assert list(_sealed(stores)) != []  # it is all there still, and noise
        assert await world.opens(conn, {**stores, **tables}) == set()
        for _, text in _sealed(stores):
            with pytest.raises(CannotOpen):
                world.sealer.open("demo", text, dict.fromkeys(names_of(text), b""))
        assert _holding({**stores, **tables}, PLAIN) == set()
        assert _holding(tables, IDS) == set()
        assert _holding(tables, tuple(b64encode(w.encode()).decode() for w in IDS)) == set()
        assert await conn.fetchval("SELECT net FROM conversions") == 8_000
        states = await conn.fetch("SELECT DISTINCT state, error FROM deliveries")
        assert [tuple(row) for row in states] == [("filtered", "erased")]
        row = await conn.fetchrow("SELECT asked_by, reason, finished_at FROM person_erasures")
        assert row is not None
        assert row["asked_by"]
        assert row["reason"] == "asked by letter"
        assert row["finished_at"] is not None
        assert await command.erase(EMAIL, tenant="demo") == []

        await world.flow()
        world.pipeline.broker.committed.clear()  # the log once more
        await world.flow()
        assert _holding(await world.rows(conn), IDS) == set()
    finally:
        await conn.close()
