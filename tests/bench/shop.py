"""A shop of any size in the tables, in the form in which identity writes it."""

import re
from datetime import UTC, datetime
from typing import Final

import asyncpg

from tests.bench.indexes import without_indexes

TENANT: Final = "bench"
TOUCHES: Final = 5
FIRST: Final = datetime(2026, 3, 1, tzinfo=UTC)

_SEED: Final = {
    "identity_nodes": """INSERT INTO identity_nodes
    SELECT 'bench', 'visitor:v' || c, 'visitor:v' || c, false FROM generate_series(1, $1::int) c""",
    "conversions": """INSERT INTO conversions (
        tenant_id, conversion_id, source, order_id, person_id, currency, gross,
        refunded, net, converted_at, status, state, deliverable, folded)
    SELECT 'bench', md5('c' || c), 'api', 'o' || c, 'visitor:v' || c, 'USD',
        10000 + c, 0, 10000 + c, $2::timestamptz + c * interval '1 minute', 'paid', 'ready', true,
        '{}'
    FROM generate_series(1, $1::int) c""",
    "conversion_revision": """INSERT INTO conversion_revision
    SELECT 'bench', md5('c' || c), 1 FROM generate_series(1, $1::int) c""",
    "attribution_touchpoints": """INSERT INTO attribution_touchpoints (
        tenant_id, touchpoint_id, event_id, anchor, occurred_at, received_at, late,
        touchpoint_type, channel, platform, campaign, rules_version,
        content_hash)
    SELECT 'bench', md5(c || '-' || k), c || '-' || k, 'visitor:v' || c,
        $2::timestamptz + c * interval '1 minute' - k * k * interval '17 hours', $2::timestamptz,
        false, 'click', (array['direct', 'paid_social', 'paid_search', 'email', 'referral'])[k],
        (array['none', 'meta', 'google', 'klaviyo', 'other'])[k], 'campaign-' || c % 5, '1', 'h'
    FROM generate_series(1, $1::int) c, generate_series(1, 5) k""",
}


async def seed(dsn: str, conversions: int) -> list[str]:
    """So many orders of a person with five touches each; returns their ids in time's order."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("SET maintenance_work_mem = '512MB'")
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
        for table, statement in _SEED.items():
            arguments = [conversions, FIRST][: len(set(re.findall(r"\$\d", statement)))]
            build = await without_indexes(conn, table)
            await conn.execute(statement, *arguments)
            await build()
        await conn.execute("ANALYZE")
        rows = await conn.fetch("SELECT conversion_id FROM conversions ORDER BY converted_at")
        return [row["conversion_id"] for row in rows]
    finally:
        await conn.close()
