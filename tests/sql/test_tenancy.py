"""Tenants never meet: what each role of the database sees, and what it cannot do."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from processors.commands import analysts
from processors.commands.operator import Refused
from tests.contract.processors.stage import prepare
from tests.support.databases import Databases

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OWN, OTHER = "tenant-0", "tenant-1"
FORBIDDEN_TO_ANALYSTS = {
    "analysts", "api_keys", "attribution_training_checkpoints", "audit_log",
    "channel_rule_passes", "connection_attempts", "consumed_offsets", "conversion_revision",
    "conversions_due",
    "credit_applied", "database_epoch", "dead_letter_replays", "identity_dirty", "job_runs",
    "order_versions", "rebuild_ends", "schema_migrations",
    "spend_reports", "survey_cursors", "user_tenants", "users", "webhook_sources",
}  # fmt: skip
FORBIDDEN_TO_PROCESSORS = {
    "analysts", "api_keys", "audit_log", "dead_letter_replays", "schema_migrations",
    "webhook_sources", "job_runs", "spend_backfills", "spend_freshness",
    "spend_readings", "spend_reports",
    "survey_cursors", "order_reconciliation",
    "attribution_order_reconciliation", "attribution_training_checkpoints",
    "attribution_trainings", "attribution_transitions", "attribution_model_trainings",
    "attribution_removal_effects",
    "shadow_runs", "shadow_ranges", "shadow_credit_rows", "shadow_cells",
    "attribution_shadow_runs", "attribution_shadow_results", "attribution_shadow_facts",
    "attribution_shadow_summary", "attribution_shadow_difference", "user_tenants", "users",
    "connection_attempts", "connection_checks", "connection_health",
    "alert_incidents", "alert_notifications", "pixel_alert_configs",
    "attribution_platform_connections",
}  # fmt: skip
READ_BY_THE_GATEWAY = {
    "api_keys", "platform_connections", "tenant_settings", "tenants", "user_tenants", "users",
    "webhook_sources",
}  # fmt: skip
WRITES = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"

CONTROL_ROWS = (Path(__file__).parent / "tenancy_rows.sql").read_text()
CONTROL_ROWS = """
INSERT INTO api_keys (key_sha256, tenant_id, kind) VALUES (md5($1), $1, 'server');
INSERT INTO users (email, password_hash, role) VALUES ($1 || '@example.com', 'hash', 'viewer');
INSERT INTO user_tenants VALUES ($1, $1 || '@example.com');
INSERT INTO connection_attempts VALUES (md5($1), $1, 'meta', 'encrypted', 'https://x', now());
INSERT INTO connection_checks VALUES ($1, 'meta', 'healthy', 'ok', 'probe', now(), now());
INSERT INTO platform_match_quality VALUES ($1, 'meta', '1', 6.2, '{}', now());
INSERT INTO ad_changes (tenant_id, platform, account_id, change_id, changed_at, resource_type,
    resource_name, operation, changed_fields, old_values, new_values, read_at)
    VALUES ($1, 'google_ads', '1', '1~0~0', now(), 'CAMPAIGN', 'c/7', 'UPDATE', '{status}', '{}',
    '{}', now());
INSERT INTO ad_recommendations (tenant_id, platform, account_id, recommendation_id, kind, dismissed,
    weekly, potential, first_seen_at, last_seen_at)
    VALUES ($1, 'google_ads', '1', 'r', 'KEYWORD', false, '{}', '{}', now(), now());
INSERT INTO webhook_sources VALUES ('shopify', $1 || '.example.com', $1, 'encrypted');
INSERT INTO audit_log (tenant_id, actor, action) VALUES ($1, 'operator', 'tenant');
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, error, payload)
    SELECT $1, 'meta', 'e', 'event', 'Lead', now(), 'parked', now(), now(), 'refused', '{}';
INSERT INTO delivery_dlq SELECT $1, 'meta', 'e', 'event', 'rejected', 'refused', 1, now();
INSERT INTO capi_delivery_log SELECT $1, 'meta', 'e', 'event', 'Lead', NULL, 1, 'retry', 500, NULL,
    'digest', NULL, 12, now();
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, finished_at) VALUES
    ($1, 'meta', 's', 'event', 'Lead', now(), 'sent', now(), now(), now());
INSERT INTO delivery_circuit_openings VALUES ($1, 'meta', 'fanout-0', now(), now());
INSERT INTO delivery_receipts (tenant_id, platform, receipt, sent_at, next_at, event_ids, kinds,
    attempts) VALUES ($1, 'google_ads', 'r', now(), now(), '{s}', '{event}', '{1}');
INSERT INTO delivery_gates VALUES ($1, 'meta', 99, now(), 1);
INSERT INTO delivery_consent_log (tenant_id, platform, event_id, kind, action, reason, attempts, at)
    VALUES ($1, 'meta', 'f', 'event', 'stopped', 'suppressed', 0, now());
INSERT INTO platform_connections VALUES ($1, 'google_ads', '123', '', true);
INSERT INTO platform_connections VALUES ($1, 'tiktok', 'C0', '', true);
INSERT INTO order_reconciliation VALUES ($1, now(), now(), false, 1, 1, 0, 0, 0, 0, 'clean');
INSERT INTO survey_cursors VALUES ($1, 'fairing', 'r', now());
INSERT INTO spend_reports VALUES ($1, 'meta', '1', 'q', 'r', now());
INSERT INTO spend_readings VALUES ($1, 'meta', '1', 'campaign', 'meta', now(), now());
INSERT INTO spend_backfills VALUES ($1, 'meta', '1', 'ad', now(), now(), NULL, 0, now());
INSERT INTO daily_spend (tenant_id, source, account_id, date, platform, subject, channel, campaign,
    campaign_id, currency, amount, reported_at)
    SELECT $1, 'none', '1', now(), name, 'id:1', 'paid_social', 'x', '1', 'USD', 1, 1
    FROM unnest('{meta,google,tiktok}'::text[]) AS name;
INSERT INTO daily_ad_spend (tenant_id, source, account_id, date, platform, ad_id, channel, campaign,
    currency, amount, reported_at)
    VALUES ($1, 'none', '1', now(), 'meta', 'x', 'paid_social', '', 'USD', 1, 1);
INSERT INTO daily_ad_spend (tenant_id, source, account_id, date, platform, ad_id, channel, campaign,
    currency, amount, impressions, clicks, reported_at)
    SELECT $1, 'none', '1', day, 'meta', 'old', 'paid_social', '', 'USD', 1, 1000, 9, 1
    FROM generate_series(current_date - 20, current_date, '1 day') AS day;
INSERT INTO creative_assets
    VALUES ($1, 'meta', '1', 'old', 'c', 'k', 'Old', 'video', 't', 'b', 'https://x', 'https://y',
    now(), now());
INSERT INTO creative_fatigue_alerts
    VALUES ($1, current_date, 'meta', '1', 'old', 60, 'tired', 'ctr', now());
INSERT INTO creative_saved_views
    VALUES ($1, 'best', 'Best', '{}', '{ad,roas}', '-roas', 'a', now());
INSERT INTO order_refunds VALUES ($1, 'none', 'refund', 1) ON CONFLICT DO NOTHING;
INSERT INTO identity_unlinks VALUES ($1, 'a', 'b', false, 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO identity_nodes VALUES ($1, 'device:x', 'device:x', true) ON CONFLICT DO NOTHING;
INSERT INTO identity_nodes VALUES ($1, 'visitor:y', 'visitor:y', false) ON CONFLICT DO NOTHING;
INSERT INTO attribution_touchpoints (tenant_id, touchpoint_id, event_id, anchor, occurred_at,
    received_at, late, touchpoint_type, channel, platform, campaign, rules_version, content_hash)
    SELECT $1, 'open', 'open', 'visitor:y', now(), now(), false, 'click', 'email', 'klaviyo', '',
    '1', 'h';
INSERT INTO identity_dirty (tenant_id, node) VALUES ($1, '*');
INSERT INTO conversions_due (tenant_id, conversion_id) VALUES ($1, 'c') ON CONFLICT DO NOTHING;
INSERT INTO consent_flags VALUES ($1, 'visitor:x', 'ad_storage', 'denied', 1, 'k'),
    ($1, 'visitor:x', 'processing', 'denied', 1, 'k')
ON CONFLICT DO NOTHING;
INSERT INTO fx_rates VALUES ($1, 'NOK', 'USD', '2026-01-01', 0.1, 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO tenant_settings VALUES ($1, 'note', 'x', 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO channel_rule_passes VALUES ($1, '') ON CONFLICT DO NOTHING;
INSERT INTO influencers VALUES ($1, 'one', 'One', '{spring10,vip}', '{ada}', 0.1, false, 1, 'k');
INSERT INTO attribution_models VALUES ($1, 1, 'k', 0, 'untrained', 'data_driven', '');
INSERT INTO attribution_trainings (tenant_id, trained_at, state, reason, removal) VALUES
    ($1, now(), 'insufficient_data', 'few', '[{"channel": "email", "effect": 1, "share": 1}]');
INSERT INTO attribution_training_checkpoints
    VALUES ($1, 1, '{}', '', 0, '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO attribution_transitions VALUES ($1, '2026-01-01', '(start)', 'email', 1);
INSERT INTO shadow_runs
    VALUES ($1, 'run', 'x', NULL, NULL, '{}', NULL, NULL, 'v', 0, 'USD', 'complete', 1);
INSERT INTO shadow_ranges VALUES ($1, 'run', 0, NULL, '', 1, true);
INSERT INTO shadow_credit_rows VALUES ($1, 'run', 'c', 'untrained', '{}', NULL, 'ready', true,
    '2026-01-01', 'USD', 'USD', 1, 1, '{t}', '{2026-01-01}', '{email}', '{other}', '{""}', '{0}',
    array_fill(1, ARRAY[56]), array_fill(1, ARRAY[56]), NULL);
INSERT INTO shadow_cells SELECT $1, 'run', 'shadow', 'cash', '2026-01-01', 'email', 'other', 0,
    a, a, a FROM (SELECT array_fill(1::bigint, ARRAY[56])) AS filled (a);
INSERT INTO pixel_alert_configs VALUES ($1, 'a', 'retry_rate', '', 'above', 0.05, 20, 60, 60,
    '{ops@example.com}', 'https://x', 'encrypted');
INSERT INTO alert_incidents VALUES ($1, 'i', 'a', 'meta', 'retry_rate', 'above', 0.05, now(), 1, 1,
    20, now());
INSERT INTO alert_notifications VALUES ($1, 'n', 'i', 'a', 'started', 'email', 'ops@example.com',
    '{}', 'pending', 0, now(), now());
INSERT INTO daily_series SELECT $1, 'orders', platform, current_date - age, age
    FROM generate_series(0, 30) AS age, unnest(ARRAY['meta', 'tiktok']) AS platform;
INSERT INTO anomalies VALUES ($1, 'orders', '', '2026-01-01', 1, 9, 5, 13, -8, now());
INSERT INTO forecasts
    VALUES ($1, 'orders', 'meta', current_date - 2, current_date - 1, 1, 1, 1, 1, 1);
INSERT INTO journeys (tenant_id, conversion_id, converted_at, revenue, date, counts, path, steps,
    touches, seconds, path_starts, steps_starts)
    SELECT $1, 'recent', now(), 1, current_date, true, '', '', a, a, a, a
    FROM (SELECT array_fill(0, ARRAY[8])) AS none (a);
INSERT INTO credit_rows VALUES ($1, 'recent', 'untrained', '{}', 'unattributed', true, current_date,
    'USD', 'USD', 1, 1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO emq_measurements VALUES
    ($1, current_date, 'meta', '1', 80, 6, 9, 8, 10, 9, 'good', 90, 80, 70, 80, 90);
INSERT INTO emq_parameter_scores VALUES ($1, current_date, 'meta', 'phone', 10, 4, 1.2);
INSERT INTO conversion_latency_stats VALUES ($1, current_date, 'meta', 'Lead', 1, 9, 9, 9, 9);
INSERT INTO fact_signal_health_daily VALUES ($1, current_date, 'meta', 'ok', 80, 5, 0.5, 0);
INSERT INTO attribution_data_quality_snapshots
    VALUES ($1, current_date, 2, 1, 1, 50, 1, 1, 1, 1, 1);
INSERT INTO offline_reports
    SELECT $1, 'new', 'k', 1, 'New', NULL, 'conversions', 'processing', 0, 0, now(), NULL
"""
RELATIONS = """
SELECT c.relname AS name, a.attnum IS NOT NULL AS has_tenant FROM pg_class AS c
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A database in which two tenants have rows everywhere, and its relations."""

    dsn: str
    relations: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Analyst:
    """A login of the first tenant's analyst, and its name."""

    conn: Connection
    role: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(databases: Databases) -> AsyncIterator[Shop]:
    async with databases.fresh() as dsn:
        await prepare(dsn, seed=20260154)
        conn = await asyncpg.connect(dsn)
        try:
            for tenant in (OWN, OTHER):
                await conn.execute("SELECT set_config('test.tenant', $1, false)", tenant)
                await conn.execute(CONTROL_ROWS.replace("$1", "current_setting('test.tenant')"))
            relations = {r["name"]: r["has_tenant"] for r in await conn.fetch(RELATIONS)}
        finally:
            await conn.close()
        yield Shop(dsn, relations)


@pytest.fixture
async def analyst(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Analyst]:
    monkeypatch.setenv("DATABASE_URL", shop.dsn)
    name = f"a{secrets.token_hex(6)}"
    dsn = await analysts.add(name, tenant=OWN)
    conn = await asyncpg.connect(dsn)
    try:
        yield Analyst(conn, f"analyst_{name}")
    finally:
        await conn.close()
        await _as_operator(shop, f"DELETE FROM analysts WHERE role_name = 'analyst_{name}'")
        await _as_operator(shop, f"DROP ROLE analyst_{name}")


@pytest.fixture
async def operator(shop: Shop) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(shop.dsn)
    try:
        yield conn
    finally:
        await conn.close()


async def test_an_analyst_sees_its_tenant_whole_and_nobody_else(
    shop: Shop, analyst: Analyst, operator: Connection
) -> None:
    compared = 0
    for name, has_tenant in shop.relations.items():
        if not has_tenant or not await _can_read(operator, analyst.role, name):
            continue
        query = f"SELECT tenant_id, count(*) AS n FROM {name} GROUP BY tenant_id"
        everything = {row["tenant_id"]: row["n"] for row in await operator.fetch(query)}
        seen = {row["tenant_id"]: row["n"] for row in await analyst.conn.fetch(query)}
        if name != "capi_delivery_log_default":
            assert {OWN, OTHER} <= everything.keys(), f"{name} proves nothing"
            compared += 1
        assert seen == {OWN: everything[OWN]}, name
    assert compared > 20


async def test_an_analyst_reads_neither_secrets_nor_bookkeeping(
    shop: Shop, analyst: Analyst, operator: Connection
) -> None:
    unread = {n for n in shop.relations if not await _can_read(operator, analyst.role, n)}
    assert unread - {"capi_delivery_log_default"} == FORBIDDEN_TO_ANALYSTS
    for query in (
        "SELECT payload FROM deliveries",
        "SELECT * FROM deliveries",
        "SELECT lease_owner FROM deliveries",
        "SELECT * FROM api_keys",
        "SELECT credentials_encrypted FROM platform_connections",
        "SELECT created_at FROM tenants",
        "SELECT emails FROM pixel_alert_configs",
        "SELECT webhook_secret_encrypted FROM pixel_alert_configs",
        "SELECT target FROM alert_notifications",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.conn.fetch(query)


async def test_an_analyst_changes_nothing(
    shop: Shop, analyst: Analyst, operator: Connection
) -> None:
    query = "SELECT has_table_privilege($1, $2, $3)"
    for name in shop.relations:
        assert not await operator.fetchval(query, analyst.role, f"public.{name}", WRITES), name
    for statement in (
        f"DELETE FROM attribution_touchpoints WHERE tenant_id = '{OWN}'",
        f"UPDATE tenants SET tenant_id = '{OTHER}'",
        f"INSERT INTO analysts VALUES ('{analyst.role}', '{OTHER}')",
        "CREATE TABLE mine ()",
        "CREATE VIEW mine AS SELECT 1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.conn.execute(statement)


@pytest.mark.parametrize(
    "trick",
    [
        "SET ROLE attributary_processor",
        "SET ROLE attributary_gateway",
        "SET ROLE attributary_reader",
        "SELECT set_config('role', 'attributary_editor', false)",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION attributary_processor",
        "ALTER TABLE attribution_touchpoints DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON attribution_touchpoints USING (true)",
        "DROP POLICY analyst ON attribution_touchpoints",
        "GRANT attributary_processor TO CURRENT_USER",
        "CREATE FUNCTION public.attributary_tenant() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    ],
)
async def test_an_analyst_cannot_become_anyone_else(analyst: Analyst, trick: str) -> None:
    refusals = (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.InvalidParameterValueError,
        asyncpg.DuplicateFunctionError,
    )
    with pytest.raises(refusals):
        await analyst.conn.execute(trick)
    assert await _seen(analyst.conn) == {OWN}


async def test_an_analysts_own_settings_open_nothing(analyst: Analyst) -> None:
    await analyst.conn.execute("SELECT set_config('attributary.tenant', $1, false)", OTHER)
    assert await _seen(analyst.conn) == {OWN}
    await analyst.conn.execute("SET ROLE attributary_analyst")
    assert await _seen(analyst.conn) == {OWN}
    await analyst.conn.execute("RESET ROLE")
    await analyst.conn.execute("SET search_path = pg_temp, public")
    assert await _seen(analyst.conn) == {OWN}
    await analyst.conn.execute("SET row_security = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _seen(analyst.conn)


async def test_a_temporary_table_does_not_pass_for_the_list_of_analysts(analyst: Analyst) -> None:
    try:
        await analyst.conn.execute("CREATE TEMP TABLE analysts (role_name text, tenant_id text)")
        await analyst.conn.execute(f"INSERT INTO analysts VALUES ('{analyst.role}', '{OTHER}')")
    except asyncpg.InsufficientPrivilegeError:
        pass  # it may not even make one
    assert await _seen(analyst.conn) == {OWN}


async def test_a_login_without_a_tenant_sees_nothing(shop: Shop, analyst: Analyst) -> None:
    await _as_operator(shop, f"DELETE FROM analysts WHERE role_name = '{analyst.role}'")
    assert await _seen(analyst.conn) == set()


async def test_an_analyst_of_a_tenant_that_is_unknown_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", shop.dsn)
    with pytest.raises(Refused):
        await analysts.add("ada", tenant="nobody")
    with pytest.raises(Refused):
        await analysts.add("ada; DROP ROLE x", tenant=OWN)


async def test_the_gateway_reads_what_it_needs_and_writes_nothing(
    shop: Shop, operator: Connection
) -> None:
    role = "attributary_gateway"
    readable = {name for name in shop.relations if await _can_read(operator, role, name)}
    assert readable == READ_BY_THE_GATEWAY
    for name in shop.relations:
        query = "SELECT has_table_privilege($1, $2, $3)"
        assert not await operator.fetchval(query, role, f"public.{name}", WRITES), name
    await operator.execute(f"SET ROLE {role}")
    assert await operator.fetchval("SELECT count(DISTINCT tenant_id) FROM api_keys") == 2
    assert await operator.fetch("SELECT tenant_id, platform, enabled FROM platform_connections")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await operator.fetch("SELECT credentials_encrypted FROM platform_connections")


async def test_processors_see_every_tenant_but_no_key_and_no_secret_of_a_webhook(
    shop: Shop, operator: Connection
) -> None:
    role = "attributary_processor"
    unread = {name for name in shop.relations if not await _can_read(operator, role, name)}
    assert unread - {"capi_delivery_log_default"} == FORBIDDEN_TO_PROCESSORS
    for name in shop.relations:
        query = "SELECT has_table_privilege($1, $2, 'TRUNCATE, REFERENCES, TRIGGER')"
        assert not await operator.fetchval(query, role, f"public.{name}"), name
    await operator.execute(f"SET ROLE {role}")
    assert await _seen(operator) == {OWN, OTHER}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await operator.fetch("SELECT * FROM api_keys")


async def test_no_role_of_ours_passes_by_row_level_security(operator: Connection) -> None:
    roles = await operator.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'attributary%'"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin)"
    )
    assert roles == []


async def _can_read(operator: Connection, role: str, relation: str) -> bool:
    query = "SELECT has_any_column_privilege($1, $2, 'SELECT')"
    return bool(await operator.fetchval(query, role, f"public.{relation}"))


async def _seen(conn: Connection) -> set[str]:
    """The tenants whose touches a connection sees."""
    rows = await conn.fetch("SELECT DISTINCT tenant_id FROM public.attribution_touchpoints")
    return {row["tenant_id"] for row in rows}


async def _as_operator(shop: Shop, statement: str) -> None:
    conn = await asyncpg.connect(shop.dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()
