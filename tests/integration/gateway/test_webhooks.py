"""A WhatsApp message that an ad led to, from Meta's handshake to the touch that earns the order."""

import hashlib
import random
from typing import Any

import asyncpg
import orjson
import pytest

from processors.commands.operator import Refused
from processors.commands.tenants import set_values
from processors.domain.hashing import phone_hash
from processors.engine import codec
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from schemas.envelope import Frozen
from tests.integration.gateway.running import Gateway, client_of, records, until
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import Pipeline
from tests.support.served import diff, read
from tests.support.servers import KafkaServer
from tests.unit.gateway.vendors import AT, PHONE, REFERRAL, chat, message, meta_headers, status

PATH = "/webhooks/whatsapp"
SETTINGS = {
    "whatsapp_business_account_id": "2002",
    "whatsapp_app_secret": "secret-of-the-app",
    "whatsapp_verify_token": "token-of-the-shop",
}
ASKED = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "token-of-the-shop"}
ORDER = {
    "order_id": "W-1", "ordered_at": AT + 60, "revenue": "19.90", "currency": "USD",
    "identifiers": {"phone": f"+{PHONE}"},
}  # fmt: skip
TOPICS = ("touchpoints.v1", "pixel_events.v1", "orders.v1", "commands.v1")


@pytest.fixture
def operator(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's commands use the gateway's servers and keys."""
    for name, value in gateway.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("operator")
async def test_a_click_on_an_ad_that_opened_a_chat_earns_the_order_of_its_phone(
    gateway: Gateway, database: str, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    stop = message(id="wamid.2", text={"body": "Stop."})
    body = orjson.dumps(chat(messages=[message(referral=REFERRAL), stop], statuses=[status()]))
    async with client_of(gateway, "") as client:
        assert (await client.get(PATH, params=ASKED)).status_code == 403
        await set_values("demo", SETTINGS)

        async def known() -> bool:
            return (await client.get(PATH, params=ASKED)).text == "42"

        await until(known, seconds=10)
        signed = meta_headers(body, b"secret-of-the-app")
        forged = await client.post(PATH, content=body, headers=meta_headers(body, b"another"))
        answers = [await client.post(PATH, content=body, headers=signed) for _ in range(2)]
    async with client_of(gateway) as client:
        answers.append(await client.post("/v1/orders", json=ORDER))
    assert forged.status_code == 401
    assert [answer.status_code for answer in answers] == [200, 200, 200]

    log: list[tuple[str, Frozen]] = []
    for topic in TOPICS:
        for found in await records(kafka_server.bootstrap, topic_prefix, topic):
            value = codec.decode(found).value
            assert isinstance(value, Frozen)
            log.append((topic, value))
    assert len(log) == 11
    rows = await through(database, log)
    assert rows["touches"] == [("messaging", "whatsapp", "ARAkLkA+rmso", "120200001")]
    assert rows["credit"] == [("W-1", "messaging", 1)]
    assert rows["events"] == [
        ("WhatsAppMessage", "webhook"), ("WhatsAppMessage", "webhook"),
        ("WhatsAppStatus", "webhook"),
    ]  # fmt: skip
    assert rows["flags"] == [
        ("external:whatsapp:US.13491208655302", "whatsapp", "denied", AT * 1000),
        (f"phone:{phone_hash(PHONE)}", "whatsapp", "denied", AT * 1000),
    ]
    assert diff(served(log_of(log)), await read(database)) == []


async def through(dsn: str, log: list[tuple[str, Frozen]]) -> dict[str, list[tuple[Any, ...]]]:
    """What analysts see once the records went through the pipeline."""
    db = await Database.connect(
        dsn, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(log)
        await pipeline.drain(random.Random(1))
    finally:
        await db.close()
    conn = await asyncpg.connect(dsn)
    try:
        queries = {
            "touches": "SELECT channel, platform, ctwa_clid, ad_id FROM attribution_touchpoints",
            "credit": "SELECT c.order_id, t.channel, r.credit FROM attribution_results AS r"
            " JOIN attribution_conversions AS c USING (tenant_id, conversion_id)"
            " JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)"
            " WHERE r.model = 'last_touch' AND r.attribution_window = '1d'",
            "events": "SELECT event_type, source FROM pixel_event_log ORDER BY 1",
            "flags": "SELECT node, flag, value, issued_at FROM consent_flags ORDER BY 1",
        }
        return {
            name: [tuple(row) for row in await conn.fetch(query)] for name, query in queries.items()
        }
    finally:
        await conn.close()


@pytest.mark.usefixtures("gateway", "operator")
async def test_a_verify_token_is_kept_as_a_digest_and_changes_no_secret(database: str) -> None:
    with pytest.raises(Refused, match="needs whatsapp_business_account_id in the same call"):
        await set_values("demo", {"whatsapp_verify_token": "first"})
    await set_values("demo", SETTINGS)
    await set_values("demo", {"whatsapp_verify_token": "second"})
    await set_values("demo", {"whatsapp_business_account_id": "3003"})
    conn = await asyncpg.connect(database)
    try:
        (row,) = await conn.fetch("SELECT * FROM webhook_sources WHERE source = 'whatsapp'")
    finally:
        await conn.close()
    assert row["account"] == "3003"
    assert row["verify_token_sha256"] == hashlib.sha256(b"second").hexdigest()
    assert row["previous_secret_encrypted"] is None
    assert Vault.from_environment().decrypt(row["secret_encrypted"]) == "secret-of-the-app"
