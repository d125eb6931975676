"""The doctor on real servers: what is planted is found, with what mends it."""

from collections.abc import Callable
from time import monotonic

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from cryptography.fernet import Fernet

import sql
from deploy.local.ports import free_port
from processors.commands.doctor import Finding, Service, as_json, examine, render
from processors.engine import sealing
from processors.engine.outcome import APPLIED, Dead
from processors.engine.vault import Vault
from tests.integration.commands.accounts import GROUP, TOPIC, Accounts
from tests.support.servers import KafkaServer

PLANTED = """
INSERT INTO tenants VALUES ('acme');
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, payload)
    VALUES ('acme', 'meta', 'late', 'event', 'Purchase', now(), 'queued', now() - interval '1 hour',
    now() + interval '10 minutes', '{"value": 1250, "currency": "USD"}');
INSERT INTO delivery_dlq (tenant_id, platform, event_id, kind, reason, attempts, created_at)
    VALUES ('acme', 'tiktok', 'lost', 'event', 'unknown', 1, now() - interval '1 day');
INSERT INTO delivery_gates (tenant_id, platform, tokens, refilled_at, granted, trips, open_until)
    VALUES ('acme', 'snapchat', 0, now(), 0, 2, now() + interval '1 minute');
INSERT INTO connection_checks
    VALUES ('acme', 'google_ads', 'revoked', 'HTTP 401', 'probe', now(), now() - interval '2 days');
INSERT INTO job_runs VALUES ('maintenance/cleanup', now(), 1, false, now(), now(), 'failed',
    '{"error": "no room"}');
INSERT INTO alert_notifications (tenant_id, notification_id, incident_id, config_id, change,
    channel, target, body, created_at, next_attempt_at)
    VALUES ('acme', 'n', 'i', 'a', 'started', 'email', 'x@example.com', '{}',
    now() - interval '1 hour', now());
INSERT INTO api_keys (key_sha256, tenant_id, kind, expires_at)
    VALUES ('abcdef0123456789', 'acme', 'server', now() + interval '3 days');
INSERT INTO conservation_offsets
    VALUES ('identity', 'orders.v1', 0, 0, 5, 5, true, NULL, now());
INSERT INTO conservation_counts
    VALUES ('acme', 'identity', 'orders.v1', 0, '2026-01-01', 5, 5, 3);
"""
FOUND = {
    "falls within the hour": ("critical", "expire within the hour (12.50 USD)", ""),
    "overdue": ("critical", "1 of them overdue", "attributary restart fanout"),
    "in doubt": ("warning", "tiktok ended unknown", "--platform tiktok --reason unknown"),
    "circuit": ("warning", "circuit of acme at snapchat is open", ""),
    "revoked": ("critical", "google_ads is revoked: HTTP 401", "connect google_ads --tenant acme"),
    "job": (
        "warning",
        "maintenance/cleanup failed: no room",
        "attributary job maintenance/cleanup",
    ),
    "alert": ("warning", "1 alerts by email are pending", "ATTRIBUTARY_SMTP_HOST"),
    "key": ("warning", "server key of acme ends", "attributary key rotate acme abcdef"),
    "vault": ("critical", "1 secrets of platform_connections", "ATTRIBUTARY_VAULT_KEY"),
    "ledger": ("critical", "tenant acme on 2026-01-01: 2 records lost", "conserve --by-tenant"),
    "letter": ("warning", f"1 dead letters of {TOPIC} wait", f"replay letters {TOPIC}"),
    "group": ("critical", f"{GROUP} has no member, and 3 records wait", f"run {GROUP}"),
}

Env = Callable[..., None]


@pytest.fixture
def env(
    monkeypatch: pytest.MonkeyPatch, kafka_server: KafkaServer, database: str, topic_prefix: str
) -> Env:
    """The operator's environment, and what to change of it."""
    base = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap,
        "DATABASE_URL": database,
        "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": topic_prefix,
        "ATTRIBUTARY_VAULT_KEY": Fernet.generate_key().decode(),
        "ATTRIBUTARY_SEAL_KEY": sealing.new_key(),
    }

    def change(**other: str) -> None:
        for name, value in {**base, **other}.items():
            monkeypatch.setenv(name, value)

    change()
    return change


def of(found: list[Finding], text: str) -> Finding:
    (one,) = [finding for finding in found if text in finding.text]
    return one


async def test_whatever_is_wrong_is_found_with_what_mends_it_within_seconds(
    accounts: Accounts, env: Env
) -> None:
    await accounts.receive(5)
    await accounts.book((await accounts.waiting())[:2], [APPLIED, Dead("invalid")])
    other = Vault(Fernet.generate_key().decode()).encrypt("{}")
    async with accounts.db.connection() as conn:
        await conn.execute(PLANTED)
        await conn.execute(
            f"INSERT INTO platform_connections VALUES ('acme', 'meta', 'p', '{other}', true)"
        )
    # What a group has committed is Kafka's to tell, and this one has committed two records.
    await accounts.commit(2)
    began = monotonic()
    found = await examine([])
    assert monotonic() - began < 20, "four times what it takes where nobody else works"
    for severity, text, do in FOUND.values():
        finding = of(found, text)
        assert finding.severity == severity, text
        assert do in finding.do, text
    assert of(found, "google_ads is revoked").since is not None
    assert of(found, f"{GROUP} has no member").since is not None, "when its next record came"
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=["critical", "warning", "note", "ok"].index
    )
    told = as_json(found)
    assert not told["ok"]
    assert {tuple(row) for row in told["findings"]} == {("severity", "part", "text", "do", "since")}
    shown = render(found)
    assert "Postgres answers" not in shown
    assert "-> attributary restart fanout" in shown


async def test_a_group_whose_members_take_nothing_is_to_be_started_again(
    accounts: Accounts, env: Env, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    await accounts.receive(5)
    await accounts.commit(2)
    member = AIOKafkaConsumer(
        topic_prefix + TOPIC,
        bootstrap_servers=kafka_server.bootstrap,
        group_id=topic_prefix + GROUP,
        enable_auto_commit=False,
    )
    await member.start()
    try:
        elsewhere = of(await examine([]), f"{GROUP} stands still before 3 records")
        here = Service(
            name=f"{GROUP}-1", condition="ready", restarts=0, last_exit=None, log="/tmp/x.log",
            started_at="2026-01-01T00:00:00.000+00:00", ready_url=None, tail=(),
        )  # fmt: skip
        local = of(await examine([], [here]), f"{GROUP} stands still before 3 records")
    finally:
        await member.stop()
    assert elsewhere.severity == local.severity == "warning"
    assert elsewhere.do.startswith("restart its processes, if it stays so")
    assert local.do.startswith(f"attributary restart {GROUP}, if it stays so")


@pytest.mark.parametrize(
    ("age", "severity"), [("1 minute", "note"), ("1 hour", "warning")], ids=["new", "old"]
)
async def test_that_no_job_has_run_is_wrong_only_where_one_should_have(
    env: Env, database: str, age: str, severity: str
) -> None:
    conn = await asyncpg.connect(database)
    try:
        await conn.execute(f"UPDATE schema_migrations SET applied_at = now() - interval '{age}'")
    finally:
        await conn.close()
    (one,) = [finding for finding in await examine([]) if finding.part == "jobs"]
    assert (one.severity, bool(one.do)) == (severity, severity == "warning"), one.text


async def test_whether_the_database_is_of_this_release_is_told(env: Env, database: str) -> None:
    env()
    conn = await asyncpg.connect(database)
    assert of(await examine([]), "the database is").text == "the database is up to date"
    await conn.execute("UPDATE schema_migrations SET checksum = '' WHERE name = $1", sql.VIEWS)
    views = of(await examine([]), "its views are another release's")
    assert (views.severity, views.do) == ("critical", "attributary migrate")
    await conn.execute("INSERT INTO schema_migrations VALUES ('9999_pre_later.sql', '')")
    newer = of(await examine([]), "of a newer release (9999_pre_later.sql")
    assert newer.severity == "warning"
    await conn.execute("DELETE FROM schema_migrations WHERE name LIKE '0001%'")
    assert of(await examine([]), "1 migrations are missing").do == "attributary migrate"
    await conn.close()


async def test_servers_that_are_away_or_refuse_are_named_with_the_variable(
    env: Env, database: str
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    env(KAFKA_BOOTSTRAP_SERVERS=nobody, DATABASE_URL=f"postgresql://u:secret@{nobody}/x")
    found = await examine([f"http://{nobody}"])
    assert of(found, "Postgres does not answer").severity == "critical"
    assert "attributary restart kafka" in of(found, "Kafka does not answer").do
    assert of(found, "the gateway at").do == "attributary restart gateway"
    env(KAFKA_BOOTSTRAP_SERVERS=nobody, DATABASE_URL=database.rpartition("/")[0] + "/nowhere")
    finding = of(await examine([]), "DATABASE_URL: database")
    assert finding.do == "correct DATABASE_URL"
    env(KAFKA_BOOTSTRAP_SERVERS=nobody, DATABASE_URL="secret")
    assert "secret" not in render(await examine([]))


async def test_a_process_that_dies_again_and_again_is_named_with_its_last_words(env: Env) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    env(KAFKA_BOOTSTRAP_SERVERS=nobody, DATABASE_URL=f"postgresql://{nobody}/x")

    def service(name: str, condition: str, restarts: int = 0, **more: bool) -> Service:
        return Service(
            name=name, condition=condition, restarts=restarts, last_exit=1,
            started_at="2026-01-01T00:00:00.000+00:00", ready_url=None, log="/tmp/x.log",
            tail=("Traceback", "KeyError: 'boom'", ""), **more,
        )  # fmt: skip

    services = [service("credit", "backoff", 4), service("topics", "done"), service("k", "unready")]
    found = await examine([], services)
    crash = of(found, "credit dies")
    assert crash.severity == "critical"
    assert "after 4 starts; its log ends: KeyError: 'boom'" in crash.text
    assert crash.do == "mend it, then: attributary restart credit"
    assert of(found, "k is unready").severity == "warning"
    gone = await examine([], [service("credit", "ready", supervised=False)])
    assert of(gone, "the supervisor is gone").do == "attributary up"
