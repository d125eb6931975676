"""Uploads through a real gateway, Kafka, identity and Postgres: the counts add up, always."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import orjson
import psutil
import pytest

from tests.integration.gateway.running import (
    BROWSER_KEY,
    Gateway,
    add_key,
    client_of,
    records,
    until,
)
from tests.support.servers import KafkaServer

UPLOAD: Final = "/api/v1/audit/offline-conversions/upload"
LIST: Final = "/api/v1/audit/offline-conversions/batches"
CSV: Final = {"content-type": "text/csv"}
HEAD: Final = "order_id,occurred_at,value,currency,email\n"
MILLION: Final = 1_000_000
MAX_GROWTH: Final = 100 * 1_048_576


def line(number: int) -> str:
    return f"till-{number},2026-09-01T10:00:00Z,{number % 900}.50,EUR,buyer{number}@example.com\n"


def bad_line(number: int) -> str:
    """Each row is refused in words of its own, and some are not even text."""
    odd = "caf\udce9" if number % 3 else ""
    return f"till-{number},2026-09-01T10:00:00Z,a{number},EUR,{odd}{number}\n"


@contextmanager
def identity(dsn: str, bootstrap: str, prefix: str, folder: Path) -> Iterator[None]:
    """The processor, in a process of its own."""
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "DATABASE_URL": dsn,
        "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": prefix,
    }
    with (folder / "identity.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "processors", "run", "identity"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


async def batches(client: httpx.AsyncClient) -> dict[str, Any]:
    """The list, by the names of the batches."""
    answer = await client.get(LIST)
    assert answer.status_code == 200, answer.text
    return {row["batch_name"]: row for row in answer.json()["batches"]}


async def counted(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """The batch, once everything that the gateway took has arrived."""
    found: dict[str, Any] = {}

    async def arrived() -> bool:
        found.update((await batches(client)).get(name, {}))
        parts = ("successful_records", "failed_records", "duplicate_records")
        done = found.get("status") in ("completed", "failed")
        return done and sum(found[part] for part in parts) == found["total_records"]

    await until(arrived, seconds=120)
    return found


async def test_the_counts_of_an_upload_add_up_and_sent_again_nothing_counts_twice(
    gateway: Gateway, kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    rows = [line(n) for n in range(9_500)]
    rows += rows[:300]
    rows[100:100] = ["till-x,never,1,EUR,\n"] * 200
    body = (HEAD + "".join(rows)).encode()
    touches = [
        {"identifiers": {"email": f"buyer{n}@example.com"}, "occurred_at": "2026-08-31"}
        for n in range(950)
    ]
    with identity(database, kafka_server.bootstrap, topic_prefix, tmp_path):
        async with client_of(gateway) as client:
            taken = await client.post(f"{UPLOAD}?batch_name=till", content=body, headers=CSV)
            assert taken.status_code == 200, taken.text
            assert (taken.json()["accepted"], taken.json()["failed_records"]) == (9_800, 200)
            assert (await client.post("/v1/touchpoints", json=touches)).status_code == 200

            first = await counted(client, "till")
            assert (first["total_records"], first["failed_records"]) == (10_000, 200)
            assert (first["successful_records"], first["duplicate_records"]) == (9_500, 300)
            assert (first["success_rate_pct"], first["dupe_rate_pct"]) == (95.0, 3.0)
            assert first["batch_id"] == taken.json()["batch_id"]

            # 950 of 9,500 buyers have a touch, and so have the 300 rows that came twice.
            async def matched() -> bool:
                return bool((await batches(client))["till"]["match_rate_pct"] == 12.76)

            await until(matched)

            again = await client.post(f"{UPLOAD}?batch_name=till", content=body, headers=CSV)
            other = await client.post(f"{UPLOAD}?batch_name=copy", content=body, headers=CSV)
            assert (again.status_code, other.status_code) == (200, 200)
            copy = await counted(client, "copy")
            assert (copy["successful_records"], copy["duplicate_records"]) == (0, 9_800)
            standing = await counted(client, "till")
            for name in ("batch_id", "total_records", "successful_records", "duplicate_records"):
                assert standing[name] == first[name]
            assert standing["created_at"] == first["created_at"]

            async with client_of(gateway, BROWSER_KEY) as browser:
                assert (await browser.get(LIST)).status_code == 403
    connection = await asyncpg.connect(database)
    try:
        counts = await connection.fetch(
            "SELECT outcome, sum(n)::int AS n FROM outcome_counts WHERE topic = 'orders.v1'"
            " GROUP BY outcome"
        )
        outcomes = {row["outcome"]: row["n"] for row in counts}
        assert outcomes == {"applied": 9_500, "duplicate": 3 * 9_800 - 9_500}
        row = await connection.fetchrow(
            "SELECT * FROM offline_conversion_batches WHERE batch_name = 'till'"
        )
        assert row is not None
        assert (row["total_records"], row["match_rate_pct"] * 100) == (10_000, 1276)
        assert (
            await connection.fetchval("SELECT bool_or(uploaded) FROM offline_conversions") is False
        )
    finally:
        await connection.close()
    assert "Batch uploaded" in gateway.log_text
    assert "buyer1@" not in gateway.log_text


async def test_a_tenant_lists_its_own_uploads_alone(
    gateway: Gateway, kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("INSERT INTO tenants (tenant_id) VALUES ('rival')")
        await add_key(connection, "rivals-key", "server")
        await connection.execute(
            "UPDATE api_keys SET tenant_id = 'rival' WHERE key_sha256 = encode(sha256($1), 'hex')",
            b"rivals-key",
        )
    finally:
        await connection.close()
    with identity(database, kafka_server.bootstrap, topic_prefix, tmp_path):
        async with client_of(gateway) as client, client_of(gateway, "rivals-key") as rival:
            for who, name in ((client, "ours"), (rival, "theirs")):

                async def taken(who: httpx.AsyncClient = who, name: str = name) -> bool:
                    answer = await who.post(
                        f"{UPLOAD}?batch_name={name}", content=HEAD + line(1), headers=CSV
                    )
                    assert answer.status_code in (200, 401), answer.text
                    return answer.status_code == 200

                await until(taken)  # a new key is known after the gateway's next look
            assert (await counted(client, "ours"))["successful_records"] == 1
            assert (await counted(rival, "theirs"))["successful_records"] == 1
            assert set(await batches(client)) == {"ours"}
            assert set(await batches(rival)) == {"theirs"}


async def test_an_upload_that_the_gateway_died_in_is_sent_again_and_whole(
    gateway: Gateway, kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    body = (HEAD + "".join(map(line, range(6_000)))).encode()
    path = f"{UPLOAD}?batch_id=b&batch_name=b"

    async def send() -> httpx.Response | None:
        async with client_of(gateway) as client:
            try:
                return await client.post(path, content=body, headers=CSV)
            except httpx.TransportError:
                return None

    async def begun() -> bool:
        return len(await records(kafka_server.bootstrap, topic_prefix, "orders.v1")) > 500

    sending = asyncio.ensure_future(send())
    await until(begun)
    gateway.kill()
    assert await sending is None
    await gateway.start()
    before = await records(kafka_server.bootstrap, topic_prefix, "orders.v1")
    assert 500 < len(before) < 6_000
    answer = await send()
    assert answer is not None
    assert answer.status_code == 200

    found = await records(kafka_server.bootstrap, topic_prefix, "orders.v1")
    places = Counter(orjson.loads(m.value or b"")["batch"]["row"] for m in found)
    assert set(places) == set(range(1, 6_001))
    with identity(database, kafka_server.bootstrap, topic_prefix, tmp_path):
        async with client_of(gateway) as client:
            done = await counted(client, "b")
            assert (done["status"], done["total_records"]) == ("completed", 6_000)
            assert (done["successful_records"], done["duplicate_records"]) == (6_000, 0)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("row", "status", "accepted", "shown"), [(line, 200, MILLION, 0), (bad_line, 422, 0, 100)]
)
async def test_a_million_rows_are_read_in_bounded_memory(
    gateway: Gateway, row: Callable[[int], str], status: int, accepted: int, shown: int
) -> None:
    process = psutil.Process(gateway.pid)

    def pieces() -> Iterator[bytes]:
        yield HEAD.encode()
        for start in range(0, MILLION, 1_000):
            lines = "".join(map(row, range(start, start + 1_000)))
            yield lines.encode(errors="surrogateescape")

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    async with client_of(gateway) as client:
        warm = await client.post(UPLOAD, content=HEAD + line(0), headers=CSV)
        assert warm.status_code == 200
        before = peak = process.memory_info().rss
        began = asyncio.get_running_loop().time()
        upload = asyncio.ensure_future(
            client.post(UPLOAD, content=body(), headers=CSV, timeout=1_200)
        )
        slowest = 0.0
        while not upload.done():
            asked = asyncio.get_running_loop().time()
            event = await client.post("/v1/touchpoints", json={"visitor_id": "v"})
            slowest = max(slowest, asyncio.get_running_loop().time() - asked)
            assert event.status_code == 200
            peak = max(peak, process.memory_info().rss)
            await asyncio.wait([upload], timeout=0.25)
        seconds = asyncio.get_running_loop().time() - began
        ended = await upload
    answer = ended.json()
    assert ended.status_code == status
    assert (answer["accepted"], answer["failed_records"]) == (accepted, MILLION - accepted)
    assert len(answer["errors"]) == shown
    assert sum(answer["reasons"].values()) == MILLION - accepted
    assert peak - before < MAX_GROWTH
    sys.stdout.write(
        f"\n{MILLION / seconds:,.0f} rows/s over {seconds:.1f} s, {(peak - before) / 2**20:.0f} MB"
        f" more memory, slowest other request {slowest * 1000:.0f} ms\n"
    )
