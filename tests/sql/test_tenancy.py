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
    "erased_ids", "erased_records", "erasure_turns", "person_erasures", "person_keys",
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
    "conservation_counts", "conservation_ledger", "conservation_offsets",
    "shadow_runs", "shadow_ranges", "shadow_credit_rows", "shadow_cells",
    "attribution_shadow_runs", "attribution_shadow_results", "attribution_shadow_facts",
    "attribution_shadow_summary", "attribution_shadow_difference", "user_tenants", "users",
    "connection_attempts", "connection_checks", "connection_health",
    "alert_incidents", "alert_notifications", "pixel_alert_configs",
    "attribution_platform_connections", "person_erasures",
}  # fmt: skip
READ_BY_THE_GATEWAY = {
    "api_keys", "platform_connections", "tenant_settings", "tenants", "user_tenants", "users",
    "webhook_sources", "person_erasures", "person_keys",
}  # fmt: skip
WRITES = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"

CONTROL_ROWS = (Path(__file__).parent / "tenancy_rows.sql").read_text()
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


async def test_the_gateway_reads_what_it_needs_and_writes_nothing_but_new_keys_of_people(
    shop: Shop, operator: Connection
) -> None:
    role = "attributary_gateway"
    readable = {name for name in shop.relations if await _can_read(operator, role, name)}
    assert readable == READ_BY_THE_GATEWAY
    for name in shop.relations:
        query = "SELECT has_table_privilege($1, $2, $3)"
        refused = WRITES.removeprefix("INSERT, ") if name == "person_keys" else WRITES
        assert not await operator.fetchval(query, role, f"public.{name}", refused), name
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
