"""Keys of people: one a person whoever seals, none lost with Postgres away, a new one after an
erasure."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.local.ports import free_port
from processors.domain.ids import subject_id
from processors.engine import sealing, vault
from processors.engine.kafka import Raw
from processors.engine.sealing import Erased, Sealer
from processors.gateway.door import Accepted
from processors.gateway.person_keys import PersonKeys
from processors.gateway.settings import GatewaySettings
from processors.gateway.sink import Unavailable
from tests.integration.gateway.running import until

SEAL_KEY = sealing.new_key()
CLEAR = {"email": "jane@example.com"}
NODE = "email:" + "a" * 64
OTHER = "email:" + "b" * 64
NOW = 1_790_000_000_000


class Outlet:
    """Keeps what it is given."""

    spooled = 0

    def __init__(self) -> None:
        self.values: list[bytes] = []

    async def put(self, rows: Sequence[Accepted]) -> None:
        self.values += [row.raw.value or b"" for row in rows]

    def can_take(self) -> bool:
        return True

    def state(self) -> dict[str, int | bool]:
        return {}


def made(dsn: str, folder: Path) -> tuple[PersonKeys, Outlet]:
    settings = GatewaySettings.model_validate(
        {
            "KAFKA_BOOTSTRAP_SERVERS": "none", "DATABASE_URL": dsn, "spool_dir": folder,
            "ATTRIBUTARY_SEAL_KEY": SEAL_KEY, "ATTRIBUTARY_VAULT_KEY": vault.new_key(),
            "control_refresh_seconds": 0.05,
        }
    )  # fmt: skip
    outlet = Outlet()
    return PersonKeys(settings, sealer=Sealer(b64decode(SEAL_KEY)), outlet=outlet), outlet


async def sealed(keys: PersonKeys, outlet: Outlet, *, at: int = NOW, node: str = NODE) -> str:
    """The text as it goes out."""
    text = keys.seal("demo", CLEAR, [node])
    raw = Raw("orders.v1", b"demo|x", text.encode(), at)
    await keys.put([Accepted(0, "e", raw, waiting=keys.take())])
    return outlet.values[-1].decode()


async def opened(conn: Any, text: str) -> dict[str, str]:
    """With all the keys that there are."""
    rows = await conn.fetch("SELECT subject, key_id, key FROM person_keys")
    keys = {(row["subject"], row["key_id"]): row["key"] for row in rows}
    return Sealer(b64decode(SEAL_KEY)).open("demo", text, keys)


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Any]:
    found = await asyncpg.connect(database)
    yield found
    await found.close()


def nowhere() -> str:
    return f"postgresql://nobody@127.0.0.1:{free_port()}/none"


async def test_a_person_has_one_key_whichever_gateways_seal_at_once(
    database: str, conn: Any, tmp_path: Path
) -> None:
    pairs = [made(database, tmp_path / str(n)) for n in range(4)]
    texts = await asyncio.gather(*(sealed(*pair) for pair in pairs * 5))
    assert len(set(texts)) == 1
    assert await conn.fetchval("SELECT count(*) FROM person_keys") == 1
    assert await opened(conn, texts[0]) == CLEAR
    with pytest.raises(Erased):
        Sealer(b64decode(SEAL_KEY)).open("demo", texts[0])
    for keys, _ in pairs:
        await keys.close()


async def test_with_postgres_away_a_new_key_is_on_disk_before_it_is_used_and_brought_in_later(
    database: str, conn: Any, tmp_path: Path
) -> None:
    text = await sealed(*made(nowhere(), tmp_path))  # and the process ends here
    assert await conn.fetchval("SELECT count(*) FROM person_keys") == 0
    with (tmp_path / "person_keys.jsonl").open("a") as journal:
        journal.write('\n["demo", "torn')
    after = await sealed(*made(nowhere(), tmp_path), node=OTHER)
    known = made(database, tmp_path / "other")
    other = await sealed(*known)
    again, outlet = made(database, tmp_path)
    running = asyncio.ensure_future(again.run())
    try:
        await until(lambda: conn.fetchval("SELECT count(*) = 3 FROM person_keys"))
        for one in (text, other, after):
            assert await opened(conn, one) == CLEAR
        await until(lambda: asyncio.to_thread(lambda: not list(tmp_path.glob("*.jsonl"))))
        assert await sealed(again, outlet) == other
    finally:
        running.cancel()
        await again.close()
        await known[0].close()


async def test_a_key_that_neither_postgres_nor_the_disk_takes_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keys, outlet = made(nowhere(), tmp_path / "file")
    with pytest.raises(Unavailable):
        await sealed(keys, outlet)
    assert outlet.values == []


async def test_after_an_erasure_an_event_has_a_new_key_and_none_comes_back(
    database: str, conn: Any, tmp_path: Path
) -> None:
    keys, outlet = made(database, tmp_path / "a")
    before = await sealed(keys, outlet)
    late = await sealed(*made(nowhere(), tmp_path / "b"))
    running = asyncio.ensure_future(keys.run())
    subject = subject_id("demo", NODE)
    await conn.execute(
        "INSERT INTO person_erasures (tenant_id, erasure_id, erased_at, reason, subjects)"
        " VALUES ('demo', 'e', $1, '', $2)", NOW + 5, [subject],
    )  # fmt: skip
    await conn.execute("DELETE FROM person_keys")
    bringing, _ = made(database, tmp_path / "b")
    other = asyncio.ensure_future(bringing.run())

    async def is_new() -> bool:
        return await sealed(keys, outlet, at=NOW + 6) != before

    try:
        await until(is_new)
        assert await opened(conn, outlet.values[-1].decode()) == CLEAR
        await until(lambda: asyncio.to_thread(lambda: not list((tmp_path / "b").glob("*.jsonl"))))
        for text in (before, late):
            with pytest.raises(Erased):
                await opened(conn, text)
        await conn.execute("DELETE FROM person_keys")
        fresh = await sealed(*made(database, tmp_path / "c"), at=NOW + 5)
        with pytest.raises(Erased):
            await opened(conn, fresh)  # received before the erasure: sealed for nobody
    finally:
        running.cancel()
        other.cancel()
        await keys.close()
        await bringing.close()
