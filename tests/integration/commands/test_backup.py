"""A backup of a real cluster and database: taken while records come, read again, put into empty
servers at the same partitions and offsets."""

import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

from processors.commands.backup.manifest import KEPT, load
from processors.commands.backup.restoring import restore
from processors.commands.backup.taking import Taken, take
from processors.commands.backup.verifying import verify
from processors.commands.operator import Refused
from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer, Raw
from processors.engine.outcome import APPLIED, Dead
from processors.engine.postgres import Database
from tests.integration.commands.accounts import NOON, Accounts
from tests.support.databases import Databases
from tests.support.servers import KafkaServer

CONTROL = """
INSERT INTO tenants VALUES ('acme'), ('other');
INSERT INTO api_keys (key_sha256, tenant_id, kind, origins, events_per_second)
    VALUES ('a1', 'acme', 'browser', '{https://a.example}', 1.5);
INSERT INTO platform_connections VALUES ('acme', 'meta', 'p', 'encrypted', true);
"""


async def records(cluster: Cluster) -> list[tuple[Any, ...]]:
    found = [m for topic in KEPT async for m in cluster.read_topic(topic)]
    return sorted(
        (m.topic, m.partition, m.offset, m.timestamp, m.key, m.value or b"") for m in found
    )


async def control_rows(db: Database) -> list[Any]:
    async with db.connection() as conn:
        return [
            await conn.fetchval(f"SELECT jsonb_agg(t ORDER BY t::text)::text FROM {table} AS t")
            for table in ("tenants", "api_keys", "platform_connections")
        ]


async def test_what_was_taken_in_pieces_is_put_back_whole_and_damage_is_found(
    accounts: Accounts, tmp_path: Path, kafka_server: KafkaServer, databases: Databases
) -> None:
    async def again() -> Taken:
        return await take(folder, cluster=accounts.cluster, db=accounts.db, segment_bytes=2_000)

    folder = tmp_path / "backup"
    async with accounts.db.connection() as conn:
        await conn.execute(CONTROL)
    await accounts.receive(20)
    await accounts.receive(5, tenant="other", at=NOON + 1)
    await accounts.book((await accounts.waiting())[:2], [APPLIED, Dead("invalid")])
    outcome = Raw("delivery_outcomes.v1", b"acme|meta|e|event", b"{}", NOON, 1)
    tombstone = Raw("delivery_outcomes.v1", b"acme|meta|f|event", None, NOON, 1)
    await accounts.producer.send_raw([outcome, tombstone])
    first = await again()
    assert (first.written, first.records) == (28, 28)
    await accounts.receive(7)
    assert ((await again()).written, (await again()).written) == (7, 0)
    manifest = load(folder)
    assert manifest is not None
    assert max(len(p.segments) for parts in manifest.topics.values() for p in parts.values()) > 2
    found = verify(folder)
    assert (found.faults, found.moved, found.records) == ((), (), 35)

    # A backup that was cut off before its manifest was written goes on; another cluster's is no
    # continuation of it.
    bootstrap, prefix = kafka_server.bootstrap, f"r{uuid.uuid4().hex[:12]}."
    producer = Producer(bootstrap, prefix=prefix)
    async with databases.fresh() as dsn, Cluster(bootstrap, prefix=prefix) as cluster:
        db = await Database.connect(dsn, application_name="test", max_size=2)
        await cluster.create_topics()
        await producer.start()
        try:
            with pytest.raises(Refused, match="another cluster's"):
                await take(folder, cluster=cluster, db=db)
            await _refused_if_damaged(folder, tmp_path, cluster=cluster, producer=producer, db=db)
            done = await restore(folder, cluster=cluster, producer=producer, db=db)
            assert (done.records, done.control["api_keys"], done.moved) == (35, 1, ())
            assert await records(cluster) == await records(accounts.cluster)
            assert await control_rows(db) == await control_rows(accounts.db)

            with pytest.raises(Refused, match="--resume"):
                await restore(folder, cluster=cluster, producer=producer, db=db)
            await accounts.receive(3)
            await again()
            rest = await restore(folder, cluster=cluster, producer=producer, db=db, resume=True)
            assert rest.records == 3
            assert await records(cluster) == await records(accounts.cluster)
        finally:
            await producer.stop()
            await db.close()


async def _refused_if_damaged(
    folder: Path, tmp_path: Path, *, cluster: Cluster, producer: Producer, db: Database
) -> None:
    """One bit, or a file, and nothing is put anywhere."""
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    one, other = sorted(broken.glob("topics/spend.v1/*.zst"))[:2]
    data = bytearray(one.read_bytes())
    data[len(data) // 2] ^= 1
    one.write_bytes(data)
    other.unlink()
    assert [text.partition("zst")[2] for text in verify(broken).faults] == [
        " has changed since it was written", " is missing",
    ]  # fmt: skip
    with pytest.raises(Refused, match="damaged"):
        await restore(broken, cluster=cluster, producer=producer, db=db)
    assert not any((await cluster.end_offsets(KEPT)).values())
