"""The doors of a tenant's pages, over the whole application and a real Postgres; the outlet alone
is in memory, where commands are looked at."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import orjson
import pytest

from processors.engine.vault import Vault
from processors.gateway.analytics.functions import FUNCTIONS
from processors.gateway.analytics.pages import PAGES
from schemas.command import Command, SetInfluencer
from tests.unit.gateway.asking import BROWSER
from tests.unit.gateway.paging import OTHERS, VIEWER, Pages

INFLUENCERS: Final = "/api/v1/influencers"
SAVED: Final = "/api/v1/creatives/views"
PLATFORMS: Final = "/api/admin/attribution/platforms/"
OVERVIEW: Final = "/api/v1/analytics/overview"
SERIES: Final = "/api/v1/analytics/daily_series"
SECRET: Final = "synthetic-secret-of-mntn"
MNTN: Final = {
    "platform": "mntn",
    "fields": {"mntn_advertiser_id": " 42 ", "mntn_api_key": SECRET},
}
SEED: Final = """
INSERT INTO tenants (tenant_id) VALUES ('demo'), ('other');
INSERT INTO daily_series SELECT t, 'orders', '', date '2026-09-01' + n, n * 1.5
    FROM unnest(ARRAY['demo', 'other']) AS t, generate_series(0, 9) AS n;
INSERT INTO influencers VALUES
    ('demo', 'ada', 'Ada', '{ADA10}', '{ada}', 0.1, false, 1, 'k'),
    ('other', 'bea', 'Bea', '{BEA}', '{}', 0.2, false, 1, 'k')"""


@pytest.fixture
async def pages(database: str) -> AsyncIterator[Pages]:
    conn = await asyncpg.connect(database)
    await conn.execute(SEED)
    await conn.close()
    made = Pages(database, "demo", "other")
    made.move(int(datetime(2026, 9, 8, 12, tzinfo=UTC).timestamp() * 1_000))
    try:
        yield made
    finally:
        await made.app.close()


async def test_a_view_tells_columns_and_the_rows_of_its_tenant_page_by_page(pages: Pages) -> None:
    seen: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        query = f"?series=orders&from=2026-09-02&limit=3&offset={offset}"
        answer = await pages.call("GET", SERIES + query)
        assert answer.status == 200, answer.content
        seen += answer.json["rows"]
        offset = answer.json["next_offset"]

    assert [column["name"] for column in answer.json["columns"]] == [
        "tenant_id", "series", "platform", "date", "value",
    ]  # fmt: skip
    assert answer.json["columns"][3]["type"] == "date"
    assert "reporting currency" in answer.json["columns"][4]["description"]
    # Latest first, up to tomorrow.
    assert seen == [["demo", "orders", "", f"2026-09-0{n + 1}", n * 1.5] for n in range(8, 0, -1)]
    listed = (await pages.call("GET", "/api/v1/analytics")).json["views"]
    assert "attribution_overview" in {view["view"] for view in listed}


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("daily_series?serie=orders", 422, "serie: not a filter here; there are: from, to,"),
        ("attribution_settings?from=2026-01-01", 422, "from: not a filter here"),
        ("daily_series?value=much", 422, "value: no value of the type numeric"),
        ("daily_series?from=2026-02-30", 422, "from: no value of the type date"),
        ("daily_series?series=a&series=b", 422, "series: is said twice"),
        ("daily_series?limit=1001", 422, "limit: must be a whole number from 1 to 1000"),
        ("attribution_results", 422, "conversion_id: say which"),
        ("daily_series?series=%ff", 400, "UTF-8"),
        ("daily_series?offset=100001", 422, "offset: must be a whole number from 0 to 100000"),
        ("daily_series?from=2026-09-02&to=2026-09-01", 422, "from: must not be after to"),
        ("daily_series?window=7d", 422, "window: not a filter here"),
        ("daily_series?view=forecasts", 422, "view: only a page has several"),
        ("creatives?view=users", 422, "view: must be one of creative_performance, creatives,"),
        ("attributary_summary_by?grain=0d", 422, "grain: must be day, week, month"),
        ("attributary_summary_by?basis=x", 422, "basis: must be cash or accrual"),
        ("attributary_overview_by?basis=cash", 422, "basis: not a filter here; there are: from,"),
        ("overview?window=7d&attribution_window=7d", 422, "attribution_window: is said twice"),
        ("daily_series%22;--", 404, "no such page or view"),
        ("platform_connections", 404, "no such page or view"),
        ("users", 404, "no such page or view"),
    ],
)
async def test_a_question_that_is_none_is_refused_by_name(
    pages: Pages, path: str, status: int, told: str
) -> None:
    answer = await pages.call("GET", f"/api/v1/analytics/{path}")
    assert (answer.status, told in answer.json["detail"]) == (status, True), answer.json


async def test_what_is_not_said_of_model_and_window_is_told(pages: Pages) -> None:
    for query, asked in (
        ("", {"model": "linear", "attribution_window": "30d"}),
        ("?model=last_touch&window=7d", {"model": "last_touch", "attribution_window": "7d"}),
        ("?model=*", {"attribution_window": "30d"}),
    ):
        assert (await pages.call("GET", f"{OVERVIEW}{query}")).json["asked"] == asked


async def test_a_question_that_takes_too_long_is_given_up(pages: Pages) -> None:
    slow = Pages(pages.dsn, "demo", "other", page_seconds=0.1)
    conn = await asyncpg.connect(pages.dsn)
    try:
        async with conn.transaction():
            await conn.execute("LOCK TABLE daily_series IN ACCESS EXCLUSIVE MODE")
            answer = await slow.call("GET", SERIES)
        assert (answer.status, answer.json["error"]) == (504, "too_slow")
        assert (await slow.call("GET", SERIES)).status == 200
    finally:
        await conn.close()
        await slow.app.close()


async def test_values_are_never_part_of_a_statement(pages: Pages) -> None:
    trick = "?series=orders'%20OR%20tenant_id='other"
    assert (await pages.call("GET", SERIES + trick)).json["rows"] == []
    assert (await pages.call("GET", SERIES + "?tenant_id=other")).json["rows"] == []
    other = await pages.call("GET", SERIES, key=OTHERS)
    assert {row[0] for row in other.json["rows"]} == {"other"}


async def test_viewers_read_and_change_nothing_and_strangers_do_neither(pages: Pages) -> None:
    for path in (SERIES, INFLUENCERS, SAVED, PLATFORMS):
        assert (await pages.call("GET", path, key=VIEWER)).status == 200, path
        assert (await pages.call("GET", path, key="nobodys")).status == 401, path
        assert (await pages.call("GET", path, key=BROWSER)).status == 403, path
    for path in (INFLUENCERS, SAVED, PLATFORMS):
        assert (await pages.call("POST", path, {}, key=VIEWER)).status == 403, path
    assert (await pages.call("DELETE", f"{INFLUENCERS}/ada", key=VIEWER)).status == 403
    assert pages.outlet.rows == []


async def test_a_change_of_an_influencer_is_a_command_of_the_log(pages: Pages) -> None:
    made = await pages.call("POST", INFLUENCERS, {"name": "Éva B", "commission_rate": 0.125})
    changed = await pages.call("PATCH", f"{INFLUENCERS}/ada", {"ref_codes": ["ada", "vip"]})
    gone = await pages.call("DELETE", f"{INFLUENCERS}/ada")

    assert (made.status, changed.status, gone.status) == (200, 200, 200), made.content
    assert changed.json["receipt"]["topic"] == "commands.v1"
    commands = [Command.model_validate_json(row.raw.value or b"") for row in pages.outlet.rows]
    assert {row.raw.key for row in pages.outlet.rows} == {b"demo|influencer"}
    first, second, third = [command.body for command in commands]
    assert isinstance(first, SetInfluencer)
    assert isinstance(second, SetInfluencer)
    assert isinstance(third, SetInfluencer)
    assert (first.influencer_id, first.commission_rate) == ("va-b", "0.125")
    assert (second.name, second.discount_codes, second.ref_codes) == (
        "Ada",
        ("ADA10",),
        ("ada", "vip"),
    )
    assert (third.influencer_id, third.name, third.removed) == ("ada", "Ada", True)


async def test_an_influencer_of_another_tenant_is_none(pages: Pages) -> None:
    listed = (await pages.call("GET", INFLUENCERS)).json["influencers"]
    assert [one["influencer_id"] for one in listed] == ["ada"]
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert (await pages.call(method, f"{INFLUENCERS}/bea", body)).status == 404
    assert (await pages.call("POST", INFLUENCERS, {"name": "Ada"})).status == 409
    refused = await pages.call("POST", INFLUENCERS, {"name": "C", "commission_rate": "2"})
    assert (refused.status, refused.json["detail"][:16]) == (422, "commission_rate:")
    assert (await pages.call("POST", INFLUENCERS, {"name": "C", "rate": 1})).status == 422
    assert pages.outlet.rows == []


async def test_a_saved_view_is_kept_changed_and_removed_by_its_tenant_alone(pages: Pages) -> None:
    best = {
        "name": "Best of Meta",
        "filters": {"platform": ["meta"], "model": "linear"},
        "columns": ["ad", "roas"],
        "sort": "-roas",
    }
    made = await pages.call("POST", SAVED, best)
    assert (made.status, made.json["view_id"]) == (201, "best-of-meta"), made.content
    assert (await pages.call("POST", SAVED, best)).status == 409
    own = f"{SAVED}/best-of-meta"
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert (await pages.call(method, own, body, key=OTHERS)).status == 404
    assert (await pages.call("PATCH", own, {"columns": ["ctr; DROP"]})).status == 422
    assert (await pages.call("POST", SAVED, {"name": "None", "columns": []})).status == 422
    changed = await pages.call("PATCH", own, {"columns": ["ad_id", "ctr"]})
    assert changed.json["filters"] == best["filters"]
    assert (await pages.call("GET", SAVED)).json["views"] == [changed.json]
    assert (await pages.call("DELETE", own)).status == 200
    assert (await pages.call("GET", own)).status == 404
    audit = await pages.rows("SELECT action FROM audit_log WHERE tenant_id = 'demo' ORDER BY id")
    assert [action for (action,) in audit] == [
        "creative_view_add", "creative_view_change", "creative_view_remove",
    ]  # fmt: skip


async def test_a_platform_is_told_of_and_its_secrets_never_come_back(pages: Pages) -> None:
    made = await pages.call("POST", PLATFORMS, MNTN)
    assert (made.status, made.json["account_id"], made.json["enabled"]) == (201, "42", False)
    assert made.json["given"] == ["mntn_advertiser_id", "mntn_api_key"]
    assert (await pages.call("POST", PLATFORMS, MNTN)).status == 409
    for method, body in (("GET", None), ("PATCH", {"fields": {}}), ("DELETE", None)):
        assert (await pages.call(method, f"{PLATFORMS}mntn", body, key=OTHERS)).status == 404
    shown = [made, await pages.call("GET", PLATFORMS), await pages.call("GET", f"{PLATFORMS}mntn")]
    changed = await pages.call("PATCH", f"{PLATFORMS}mntn", {"fields": {"mntn_currency": "eur"}})
    assert changed.json["given"] == ["mntn_advertiser_id", "mntn_api_key", "mntn_currency"]

    ((sealed,),) = await pages.rows("SELECT credentials_encrypted FROM platform_connections")
    vault = Vault(pages.settings.vault_key.get_secret_value())
    assert orjson.loads(vault.decrypt(sealed)) == {"api_key": SECRET, "currency": "EUR"}

    forgotten = await pages.call("PATCH", f"{PLATFORMS}mntn", {"fields": {"mntn_api_key": None}})
    assert forgotten.json["given"] == ["mntn_advertiser_id", "mntn_currency"]
    gone = await pages.call("DELETE", f"{PLATFORMS}mntn")
    assert (gone.status, await pages.rows("SELECT FROM platform_connections")) == (200, [])
    audit = await pages.rows("SELECT action, detail::text FROM audit_log ORDER BY id")
    assert [action for action, _ in audit] == [
        "platform_add", "platform_change", "platform_change", "platform_remove",
    ]  # fmt: skip
    assert not any(SECRET in str(detail) for _, detail in audit)
    assert not any(SECRET.encode() in answer.content for answer in (*shown, changed, gone))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"platform": "acme", "fields": {"x": "y"}}, "platform: must be one of"),
        ({"platform": "mntn"}, "fields: must be an object"),
        ({"platform": "mntn", "fields": {"mntn_token": "x"}}, "fields.mntn_token: unknown"),
        ({"platform": "mntn", "fields": {"mntn_advertiser_id": "x"}}, "fields.mntn_advertiser_id:"),
        ({**MNTN, "enabled": True}, "enabled: mntn is only read"),
        ({**MNTN, "secret": SECRET}, "secret: unknown"),
    ],
)
async def test_a_platform_that_cannot_be_one_is_refused_and_nothing_is_stored(
    pages: Pages, body: dict[str, Any], told: str
) -> None:
    answer = await pages.call("POST", PLATFORMS, body)
    assert (answer.status, told in answer.json["detail"]) == (422, True), answer.json
    assert SECRET.encode() not in answer.content
    assert await pages.rows("SELECT FROM platform_connections") == []


async def test_a_destination_is_on_from_its_first_account_unless_said_otherwise(
    pages: Pages,
) -> None:
    tiktok = {"platform": "tiktok", "fields": {"tiktok_access_token": "t"}}
    assert (await pages.call("POST", PLATFORMS, tiktok)).json["enabled"] is False
    path = f"{PLATFORMS}tiktok"
    code = {"fields": {"tiktok_pixel_code": "C0ABCDEFGHIJKLMNOPQR"}}
    assert (await pages.call("PATCH", path, code)).json["enabled"] is True
    assert (await pages.call("PATCH", path, {"enabled": False})).json["enabled"] is False
    assert (await pages.call("PATCH", path, code)).json["enabled"] is False


async def test_every_door_of_the_pages_is_described(pages: Pages) -> None:
    paths = (await pages.get("/openapi.json")).json["paths"]
    described = {path: set(methods) for path, methods in paths.items()}
    crud = {"get", "patch", "delete"}
    assert all(described[f"/api/v1/analytics/{name}"] == {"get"} for name in (*PAGES, *FUNCTIONS))
    assert described["/api/v1/analytics"] == described["/api/v1/analytics/{view}"] == {"get"}
    for path, own in (
        (INFLUENCERS, "/{influencer_id}"), (SAVED, "/{view_id}"), (PLATFORMS, "{platform}")
    ):  # fmt: skip
        assert described[path] == {"get", "post"}
        assert described[path + own] == crud
