"""Pages over HTTP: every view is to be had there, whole, by its own tenant alone."""

import csv
from pathlib import Path

import asyncpg
import pytest

from processors.domain.attribution import WINDOWS
from processors.gateway.analytics import PATH
from processors.gateway.analytics.functions import FUNCTIONS
from processors.gateway.analytics.pages import LATER, PAGES
from processors.gateway.analytics.views import VIEWS
from tests.sql.index import functions
from tests.sql.shown import compare
from tests.sql.test_tenancy import OTHER, OWN, Shop, shop
from tests.unit.gateway.asking import SERVER
from tests.unit.gateway.paging import OTHERS, Pages

__all__ = ["shop"]

LEFT_OUT = Path(__file__).with_name("left_out.csv")
"""Views that are not to be had over HTTP, and why."""
READ = """
SELECT c.relname AS name, c.relkind = 'v' AS is_view, (
    SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, NULL)) FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
)::text AS columns
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    AND has_table_privilege('attributary_analyst', c.oid, 'SELECT')"""


async def test_every_view_of_analysts_is_on_a_page_or_left_out_for_a_reason(database: str) -> None:
    conn = await asyncpg.connect(database)
    found = {row["name"]: row for row in await conn.fetch(READ)}
    await conn.close()
    views = {
        name for name, row in found.items() if row["is_view"] and '"tenant_id"' in row["columns"]
    }
    asked = VIEWS.keys() - FUNCTIONS.keys()
    with LEFT_OUT.open() as file:
        reasons = {row["view"]: row["reason"] for row in csv.DictReader(file)}
    assert all(reasons.values())
    assert views - asked == reasons.keys(), "add it to VIEWS, or to left_out.csv with the reason"
    assert asked <= found.keys()
    assert FUNCTIONS.keys() == dict(functions()).keys()
    for name in asked:
        view, columns = VIEWS[name], found[name]["columns"]
        named = {view.date, view.needs, *view.keys, *view.assumed} - {""}
        assert all(f'"{column}": ' in columns for column in named), name
        if view.date:
            kinds = ("date", "timestamp with time zone")
            assert any(f'"{view.date}": "{kind}"' in columns for kind in kinds), name


def test_every_page_that_is_asked_for_is_there_and_shows_views_that_are() -> None:
    """The route list of ANA-34, word for word."""
    routes = (
        "overview, settings, data-quality, setup, products, creatives, cohorts, roas-index,"
        " model-comparison, journeys, mmm, ai-insights, pixels, platforms, channels, influencers,"
        " meta-ads, tiktok-ads"
    )
    assert {*PAGES, *LATER} == set(routes.split(", "))
    assert {view for views in PAGES.values() for view in views} <= VIEWS.keys()
    # A page hides a view of its name, which it has to show itself.
    assert all(name in PAGES[name] for name in PAGES.keys() & VIEWS.keys())


def test_the_paths_of_every_window_may_be_asked_for() -> None:
    options = [option for view in FUNCTIONS.values() for option in view.options.items()]
    (form,) = [option.form for name, option in options if name == "attribution_window"]
    assert form == "|".join(WINDOWS)


async def test_every_page_opens_with_its_first_view_and_no_other_words(shop: Shop) -> None:
    pages = Pages(shop.dsn, OWN, OTHER)
    try:
        for page, (first, *_) in PAGES.items():
            answer = await pages.call("GET", f"{PATH}/{page}")
            assert (answer.status, answer.json["view"]) == (200, first), answer.content
            assert answer.json["asked"] == dict(VIEWS[first].assumed)
        for page in LATER:
            answer = await pages.call("GET", f"{PATH}/{page}")
            assert (answer.status, answer.json["error"]) == (404, "not_in_this_release")
    finally:
        await pages.app.close()


@pytest.mark.parametrize("grain", ["quarter", "10d"])
async def test_a_period_of_any_grain_is_asked_over_http_as_it_is_in_sql(
    shop: Shop, grain: str
) -> None:
    operator = await asyncpg.connect(shop.dsn)
    pages = Pages(shop.dsn, OWN, OTHER)
    asked = f"grain={grain}&from=2020-01-01&to=2030-12-31&model=last_touch&window=7d&limit=1000"
    try:
        for name, more in (
            ("attributary_overview_by", ""),
            ("attributary_summary_by", ", 'accrual'"),
        ):
            rows = await operator.fetch(
                f"SELECT * FROM {name}($1, $2, '2020-01-01', '2030-12-31'{more})"
                " WHERE model = 'last_touch' AND attribution_window = '7d'",
                OWN, grain,
            )  # fmt: skip
            basis = "&basis=accrual" if more else ""
            found = await pages.shown(f"{PATH}/overview?view={name}&{asked}{basis}")
            told = {(row["period"], row.get("channel"), row["revenue"]) for row in found}
            assert told == {
                (row["period"].isoformat(), row.get("channel"), float(row["revenue"]))
                for row in rows
            }
            assert len(found) == len(rows) > 1
    finally:
        await pages.app.close()
        await operator.close()


async def test_every_page_shows_its_tenant_whole_and_nobody_else(shop: Shop) -> None:
    operator = await asyncpg.connect(shop.dsn)
    pages = Pages(shop.dsn, OWN, OTHER)
    try:
        for name, view in VIEWS.items():
            await compare(pages, operator, name, view, SERVER, OWN)
            await compare(pages, operator, name, view, OTHERS, OTHER)
    finally:
        await pages.app.close()
        await operator.close()


async def test_pages_for_whom_no_tenant_is_named_show_nothing(shop: Shop) -> None:
    conn = await asyncpg.connect(shop.dsn)
    try:
        for role in ("attributary_reader", "attributary_editor"):
            await conn.execute(f"SET ROLE {role}")
            for tenant, seen in (("", []), (OWN, [OWN]), (OTHER, [OTHER])):
                await conn.execute("SELECT set_config('attributary.tenant', $1, false)", tenant)
                found = await conn.fetch("SELECT tenant_id FROM creative_saved_views")
                assert [row["tenant_id"] for row in found] == seen
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.fetch("SELECT credentials_encrypted FROM platform_connections")
            await conn.execute("RESET ROLE")
        await conn.execute("SET ROLE attributary_editor")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(
                f"INSERT INTO creative_saved_views VALUES ('{OWN}', 'x', 'X', '{{}}', '{{}}', '',"
                " 'a', now())"
            )
    finally:
        await conn.close()
