"""Three senders of orders over HTTP: from the operator's `tenant set` to what analysts see."""

import random
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from processors.commands.operator import Refused
from processors.commands.tenants import set_values
from processors.engine import codec
from processors.engine.clock import wall_clock
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from schemas.order import Order
from tests.integration.gateway.running import Gateway, client_of, records, until
from tests.support.pipeline import Pipeline
from tests.support.servers import KafkaServer
from tests.unit.gateway.stores import PATH, SIGNERS, bigcommerce_event, woo_order

SETTINGS = {
    "woocommerce_store_url": "https://Store.Example.com/shop/",
    "woocommerce_webhook_secret": "secret-of-woo",
    "bigcommerce_store_hash": "abc123",
    "bigcommerce_webhook_secret": "secret-of-big",
    "ecommerce_account": "acme-till",
    "ecommerce_webhook_secret": "secret-of-till",
}
NEUTRAL: dict[str, Any] = {
    "order_id": "T-1", "ordered_at": "2026-09-01T12:00:00Z", "revenue": "1.234", "currency": "KWD",
}  # fmt: skip
DELIVERIES = [
    ("woocommerce", b"secret-of-woo", woo_order(refunds=[{"id": 726, "total": "-10.00"}])),
    ("bigcommerce", b"secret-of-big", bigcommerce_event()),
    ("ecommerce", b"secret-of-till", NEUTRAL),
]


@pytest.fixture
def operator(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's commands use the gateway's servers and keys."""
    for name, value in gateway.environment.items():
        monkeypatch.setenv(name, value)


async def deliver(
    client: httpx.AsyncClient, sender: str, secret: bytes, body: Any
) -> httpx.Response:
    raw = orjson.dumps(body)
    how = {"at": wall_clock() // 1_000} if sender == "bigcommerce" else {}
    return await client.post(PATH, content=raw, headers=SIGNERS[sender](raw, secret=secret, **how))


@pytest.mark.usefixtures("operator")
async def test_a_secret_that_is_set_again_leaves_the_one_before_it_its_hour(database: str) -> None:
    for secret in ("first", "second", "second"):
        await set_values(
            "demo", {"ecommerce_account": "acme-till", "ecommerce_webhook_secret": secret}
        )
    conn = await asyncpg.connect(database)
    try:
        kept = await conn.fetchval(
            "SELECT previous_secret_encrypted FROM webhook_sources WHERE source = 'ecommerce'"
        )
    finally:
        await conn.close()
    assert Vault.from_environment().decrypt(kept) == "first"


@pytest.mark.usefixtures("operator")
async def test_every_sender_is_taken_signed_and_refused_forged_and_ends_as_an_order(
    gateway: Gateway, database: str, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    async with client_of(gateway, "") as client:
        assert (await deliver(client, *DELIVERIES[0])).status_code == 401
        await set_values("demo", SETTINGS)
        for sender, secret, body in DELIVERIES:

            async def taken(sender: str = sender, secret: bytes = secret, body: Any = body) -> bool:
                return (await deliver(client, sender, secret, body)).status_code == 200

            await until(taken, seconds=10)
            forged = await deliver(client, sender, b"another", body)
            again = await deliver(client, sender, secret, body)
            assert (forged.status_code, again.status_code) == (401, 200)

    found = [codec.decode(m).value for m in await records(
        kafka_server.bootstrap, topic_prefix, "orders.v1"
    )]  # fmt: skip
    assert len(found) == 6
    rows = await served(database, [record for record in found if isinstance(record, Order)])
    shown = [
        (row["source"], row["order_id"], row["state"], row["status"], str(row["net"]))
        for row in rows
    ]
    assert shown == [
        ("bigcommerce", "250", "pending_order", "paid", "None"),
        ("ecommerce", "T-1", "pending_rate", "paid", "1.234"),
        ("woocommerce", "727", "unattributed", "partially_refunded", "19.35"),
    ]


@pytest.mark.usefixtures("operator")
async def test_an_account_needs_its_name_before_its_secret_and_belongs_to_one_tenant(
    database: str,
) -> None:
    with pytest.raises(Refused, match="needs woocommerce_store_url in the same call"):
        await set_values("demo", {"woocommerce_webhook_secret": "s"})
    with pytest.raises(Refused, match="ecommerce_account names nothing"):
        await set_values("demo", {"ecommerce_account": "https://", "ecommerce_webhook_secret": "s"})
    await set_values("demo", SETTINGS)
    await set_values("demo", {"woocommerce_store_url": "http://moved.example.com"})
    conn = await asyncpg.connect(database)
    try:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('rival')")
        accounts = await conn.fetch("SELECT source, account FROM webhook_sources ORDER BY 1, 2")
    finally:
        await conn.close()
    assert [tuple(row) for row in accounts if row["source"] != "shopify"] == [
        ("bigcommerce", "abc123"), ("ecommerce", "acme-till"), ("woocommerce", "moved.example.com"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="belongs to another tenant"):
        await set_values(
            "rival", {"ecommerce_account": "ACME-till", "ecommerce_webhook_secret": "s"}
        )


async def served(dsn: str, orders: list[Order]) -> list[asyncpg.Record]:
    """What analysts see once the records went through the pipeline."""
    db = await Database.connect(
        dsn, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed([("orders.v1", order) for order in orders])
        await pipeline.drain(random.Random(1))
    finally:
        await db.close()
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetch(
            "SELECT o.source, o.order_id, c.state, o.status, o.net FROM orders AS o"
            " JOIN attribution_conversions AS c"
            " ON c.tenant_id = o.tenant_id AND c.conversion_id = o.id ORDER BY 1"
        )
    finally:
        await conn.close()
