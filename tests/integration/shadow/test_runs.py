"""What a run says, of whom, and that it leaves everything else alone."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from processors.commands.shadow import chunks, runs
from tests.integration.shadow.world import SHADOW_TABLES, SMALL, TENANTS, World
from tests.integration.summary.tables import PausingDatabase
from tests.support.dump import differences
from tests.support.pipeline import Killed

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHERS = {"half_life_days": "2", "attribution_mode": "clicks_only", "max_touches": "2",
          "lookback_days": "20", "view_window": "3d",
          "custom_model": '{"channels": {"email": 0.5}, "views": 0.5}'}  # fmt: skip
SUMMARY = """SELECT date, channel, platform, model, attribution_window, {columns}
FROM {view} WHERE tenant_id = $1"""
PRODUCTION = (
    SUMMARY.format(
        columns="touchpoints, conversions, revenue",
        view="attribution_channel_summary{basis}",
    )
    + " AND (touchpoints, conversions, revenue) <> (0, 0, 0)"
)
SHADOW = SUMMARY.format(columns="{columns}", view="attribution_shadow_summary") + (
    " AND run_id = $2 AND basis = $3 AND ({columns}) <> (0, 0, 0)"
    " AND EXISTS (SELECT FROM attribution_settings AS s WHERE s.tenant_id = $1"
    " AND model = ANY (enabled_models) AND attribution_window = ANY (enabled_windows))"
)
RESULTS = """SELECT conversion_id, touchpoint_id, model, attribution_window, credit,
    attributed_revenue, attributed_revenue_reporting, model_version, is_fallback
FROM {view} WHERE tenant_id = $1"""


async def test_a_run_without_overrides_shows_production_on_both_sides(past: World) -> None:
    for tenant in TENANTS:
        run = await past.done(tenant, {})
        query = "SELECT * FROM attribution_shadow_difference WHERE run_id = $1"
        difference = await past.rows(query, run.run_id)
        assert len(difference) > 100
        assert {row["conversions_difference"] for row in difference} == {0}
        assert {row["revenue_difference"] for row in difference} == {0}
        for basis, view in (("accrual", ""), ("cash", "_cash")):
            shown = await past.rows(PRODUCTION.format(basis=view), tenant)
            for columns in (
                "touchpoints, conversions, revenue",
                "production_touchpoints, production_conversions, production_revenue",
            ):
                query = SHADOW.format(columns=columns)
                said = await past.rows(query, tenant, run.run_id, basis)
                assert _lines(said) == _lines(shown)
        said = await past.rows(
            RESULTS.format(view="attribution_shadow_results") + " AND run_id = $2",
            tenant, run.run_id,
        )  # fmt: skip
        assert _lines(said) == _lines(
            await past.rows(RESULTS.format(view="attribution_results"), tenant)
        )


async def test_each_side_adds_up_to_the_shops_revenue_whatever_the_overrides(past: World) -> None:
    tenant = TENANTS[0]
    for overrides in ({}, *({name: value} for name, value in OTHERS.items()), OTHERS):
        run = await past.done(tenant, overrides)
        (shop,) = await past.rows(
            "SELECT sum(c.revenue_reporting) AS revenue FROM attribution_conversions AS c"
            " JOIN credit_rows AS r USING (tenant_id, conversion_id)"
            " WHERE tenant_id = $1 AND r.counts",
            tenant,
        )
        sums = await past.rows(
            "SELECT basis, model, attribution_window, sum(revenue) AS shadow,"
            " sum(production_revenue) AS production FROM attribution_shadow_summary"
            " WHERE run_id = $1 GROUP BY 1, 2, 3",
            run.run_id,
        )
        own = [row for row in sums if row["model"] != "custom"]
        assert len(own) == 2 * 7 * 8
        assert {row["shadow"] for row in own} == {shop["revenue"]}
        assert {row["production"] for row in own} == {shop["revenue"]}
        custom = {row["shadow"] for row in sums if row["model"] == "custom"}
        assert custom <= {shop["revenue"]}
        assert bool(custom) == ("custom_model" in overrides or await _has_custom(past, tenant))


async def test_nothing_of_production_is_written_and_two_tenants_never_mix(past: World) -> None:
    before = await past.production()
    done = {tenant: await past.done(tenant, OTHERS) for tenant in TENANTS}
    assert differences(before, await past.production()) == []
    for tenant, run in done.items():
        rows = await past.rows(
            "SELECT tenant_id, conversion_id FROM shadow_credit_rows WHERE run_id = $1", run.run_id
        )
        owned = await past.rows(
            "SELECT tenant_id, conversion_id FROM conversions WHERE tenant_id = $1", tenant
        )
        assert _lines(rows) == _lines(owned)
        assert run.conversions == len(owned) > 10
    names = [run.run_id for run in done.values()]
    for name in names:
        await runs.drop(past.operator, name)
    for table in SHADOW_TABLES:
        assert await past.rows(f"SELECT * FROM {table} WHERE run_id = ANY ($1)", names) == []


async def test_a_run_killed_at_every_statement_ends_with_the_tables_of_an_unbroken_one(
    past: World,
) -> None:
    unbroken = await past.written(await past.done(TENANTS[0], OTHERS))
    run = await past.begun(TENANTS[0], OTHERS)
    for deaths in count():
        left = iter(range(deaths))

        async def pause(_statement: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Killed

        try:
            await past.work(run, db=PausingDatabase(past.operator, pause))
            break
        except Killed:
            pass
    assert deaths > 15
    assert await past.written(run) == unbroken


async def test_two_workers_of_one_range_take_turns_and_do_nothing_twice(past: World) -> None:
    tenant = TENANTS[0]
    unbroken = await past.written(await past.done(tenant, OTHERS, ranges=1))
    run = await past.begun(tenant, OTHERS, ranges=1)
    await asyncio.gather(past.work(run), past.work(run))
    assert await past.written(run) == unbroken


async def test_how_the_work_is_shared_and_cut_changes_nothing_that_is_shown(past: World) -> None:
    found = []
    for ranges, size in ((1, chunks.Size()), (5, SMALL)):
        run = await past.begun(TENANTS[1], OTHERS, ranges=ranges)
        await past.work(run, size=size)
        found.append(
            await past.rows(
                "SELECT to_jsonb(s) - 'run_id' AS line FROM attribution_shadow_summary AS s"
                " WHERE run_id = $1 ORDER BY 1",
                run.run_id,
            )
        )
    assert found[0] == found[1] != []


async def test_a_window_holds_the_conversions_of_its_local_days(past: World) -> None:
    tenant = TENANTS[0]
    days = await past.rows(
        "SELECT date, count(*) AS conversions FROM credit_rows WHERE tenant_id = $1"
        " GROUP BY date ORDER BY date",
        tenant,
    )
    since, until = days[2]["date"], days[-2]["date"] + timedelta(days=1)
    run = await past.done(tenant, OTHERS, since=since, until=until)
    expected = sum(row["conversions"] for row in days[2:-1])
    (found,) = await past.rows(
        "SELECT min(date) AS first, max(date) AS last, count(*) FROM shadow_credit_rows"
        " WHERE run_id = $1",
        run.run_id,
    )
    assert found == {"first": since, "last": days[-2]["date"], "count": expected}
    assert run.conversions == expected


def _lines(rows: list[dict[str, object]]) -> list[str]:
    """Rows by value, whatever the columns are called."""
    return sorted(str([_plain(value) for value in row.values()]) for row in rows)


def _plain(value: object) -> object:
    return value.normalize() if isinstance(value, Decimal) else value


async def _has_custom(past: World, tenant: str) -> bool:
    query = "SELECT custom_version FROM credit_rows WHERE tenant_id = $1 LIMIT 1"
    (row,) = await past.rows(query, tenant)
    return row["custom_version"] is not None
