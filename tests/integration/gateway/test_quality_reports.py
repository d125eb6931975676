"""What a tenant is told of the quality of its own signals, and nobody else's."""

from datetime import UTC, datetime, timedelta

import asyncpg
import httpx

from tests.integration.gateway.running import BROWSER_KEY, Gateway, client_of

REPORT = "/api/v1/capi/quality/report"
SCORE = "/api/v1/tenants/{}/emq/score"
TODAY = datetime.now(UTC).date()
SAMPLE = (92.5, 88.0, 78.5, 85.0, 95.0)


async def fill(dsn: str) -> None:
    """Two days of one platform, and a day of another that had few events; a stranger's day."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("INSERT INTO tenants VALUES ('stranger')")
        for tenant, days, platform, events, drivers in (
            ("demo", 0, "meta", 1_000, SAMPLE),
            ("demo", 1, "meta", 90, SAMPLE),
            ("demo", 1, "ga4", 10, (0.0, 0.0, 0.0, 0.0, None)),
            ("demo", 2, "meta", 10, (1.0, 1.0, 1.0, 1.0, 1.0)),
            ("stranger", 0, "tiktok", 10, (1.0, 1.0, 1.0, 1.0, 1.0)),
        ):
            await conn.execute(
                "INSERT INTO emq_measurements (tenant_id, measurement_date, platform,"
                " events_received, events_matched, event_match_rate, pixel_coverage,"
                " conversion_latency, attribution_accuracy, data_freshness)"
                " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)",
                tenant, TODAY - timedelta(days=days), platform, events, *drivers,
            )  # fmt: skip
        await conn.execute(
            "INSERT INTO emq_parameter_scores SELECT 'demo', $1, 'meta', n, 10, 4, g"
            " FROM (VALUES ('phone', 1.5), ('email', 2.5)) AS p (n, g)",
            TODAY,
        )
        await conn.execute(
            "INSERT INTO pixel_events (tenant_id, event_id, source, event_type, occurred_at,"
            " received_at, anchor, raw_data, content_hash)"
            " VALUES ('demo', 'same', 'events', 'Lead', $1, $1, 'a', '{}', 'same')",
            datetime.now(UTC),
        )
        await conn.execute(
            "INSERT INTO attribution_data_quality_snapshots VALUES"
            " ('demo', $1, 4, 3, 1, 75, 10, 80, 100, 40, 30)",
            TODAY,
        )
    finally:
        await conn.close()


async def test_a_tenant_is_told_its_score_with_drivers_and_its_report_and_nobody_elses(
    gateway: Gateway,
) -> None:
    async with client_of(gateway) as client:
        before = (await client.get(SCORE.format("demo"))).json()
        assert (before["score"], before["confidenceBand"], before["drivers"]) == (None, None, [])
        await fill(gateway.environment["DATABASE_URL"])

        answer = await client.get(SCORE.format("demo"))
        assert answer.status_code == 200, answer.text
        found = answer.json()
        pooled = 0.9 * (0.3 * 92.5 + 0.25 * 88 + 0.2 * 78.5 + 0.15 * 85) + 0.1 * 95
        assert found["score"] == 87.7
        assert found["previousScore"] == round(pooled, 1)
        assert found["confidenceBand"] == "reliable"
        assert found["drivers"] == [
            {"name": "Event Match Rate", "value": 92.5, "weight": 0.3, "status": "good"},
            {"name": "Pixel Coverage", "value": 88.0, "weight": 0.25, "status": "good"},
            {"name": "Conversion Latency", "value": 78.5, "weight": 0.2, "status": "warning"},
            {"name": "Attribution Accuracy", "value": 85.0, "weight": 0.15, "status": "good"},
            {"name": "Data Freshness", "value": 95.0, "weight": 0.1, "status": "good"},
        ]

        for other in ("stranger", "nobody", "demo%20"):
            refused = await client.get(SCORE.format(other))
            assert (refused.status_code, refused.json()["error"]) == (403, "forbidden"), other

        report = (await client.get(REPORT)).json()
        assert report["score"] == found
        assert [row["platform"] for row in report["platforms"]] == ["meta"]
        assert [row["parameter"] for row in report["advice"]] == ["email", "phone"]
        assert report["data_quality"]["coverage_score"] == 75
        assert report["deduplication"]["coverage_status"] == "critical"
        assert "tiktok" not in str(report)

    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as stranger:
        for path in (REPORT, SCORE.format("demo")):
            assert (await stranger.get(path)).status_code == 401
            asked = await stranger.get(path, headers={"authorization": f"Bearer {BROWSER_KEY}"})
            assert asked.status_code == 403
