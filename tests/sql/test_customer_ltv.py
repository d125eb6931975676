"""Predictions of people, and who may not be read of."""

import asyncpg
import pytest

from processors.commands import analysts

PREDICTED = """
INSERT INTO tenants VALUES ('acme');
INSERT INTO customer_ltv_models (tenant_id, fitted_on, method, horizon_days, step_days, currency,
    customers, repeat_customers, rate, weight, value, fitted_at)
    VALUES ('acme', '2026-01-01', 'shrunk_rate', 365, 1, 'USD', 1, 0, 0, 9, 9, now());
INSERT INTO customer_ltv_predictions (tenant_id, person_id, as_of, fitted_on, method, horizon_days,
    currency, first_order_on, last_order_on, orders, frequency, recency_days, age_days, revenue,
    expected_purchases, expected_value, predicted_revenue)
    SELECT 'acme', person, '2026-01-01', '2026-01-01', 'shrunk_rate', 365, 'USD', '2026-01-01',
    '2026-01-01', 1, 0, 0, 0, 9, 0.1, 9, 0.9 FROM unnest('{a,b}'::text[]) AS person;
INSERT INTO identity_nodes VALUES ('acme', 'email:b', 'b', false)"""
SUPPRESSED = "INSERT INTO consent_flags VALUES ('acme', 'email:b', 'processing', 'denied', 1, 'k')"


async def test_who_is_suppressed_has_no_prediction_from_that_moment_on(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    operator = await asyncpg.connect(database)
    await operator.execute(PREDICTED)
    reader = await asyncpg.connect(await analysts.add("ltvreader", tenant="acme"))
    try:
        for expected in ({"a", "b"}, {"a"}):
            for relation in ("customer_ltv", "customer_ltv_predictions"):
                rows = await reader.fetch(f"SELECT person_id FROM {relation}")
                assert {row["person_id"] for row in rows} == expected, relation
            counted = await reader.fetchval("SELECT sum(customers) FROM attribution_ltv")
            assert counted == len(expected)
            await operator.execute(f"{SUPPRESSED} ON CONFLICT DO NOTHING")
    finally:
        await reader.close()
        await operator.execute("DELETE FROM analysts; DROP ROLE analyst_ltvreader")
        await operator.close()
