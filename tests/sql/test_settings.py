"""attribution_settings: what was set where it can be used, else the default."""

from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import product
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from processors.domain.attribution import MODELS, STANDARD_MODELS, WINDOWS
from tests.support.databases import Databases

DEFAULTS: dict[str, Any] = {
    "time_zone": "UTC",
    "currency": "USD",
    "enabled_models": list(STANDARD_MODELS),
    "half_life_days": Decimal(7),
    "attribution_mode": "clicks_plus_views",
    "view_window_days": None,
    "consent_when_absent": "granted",
    "pixel_orders": False,
    "identity_fan_in_cap": 100,
    "max_touches": 1000,
    "enabled_windows": list(WINDOWS),
    "lookback_days": 365,
    "fairing_bridge_enabled": False,
    "model_promotion": "automatic",
    "restate_on_promotion": True,
    "half_life_fit": "off",
    "bot_policy": "keep",
    "ip_policy": "full",
    "gpc": "respect",
    "dnt": "ignore",
    "anonymous_visitors": "asked",
    "id_cookie": "off",
    "id_cookie_domains": None,
    "channel_rules": None,
    "custom_model": None,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def migrated(databases: Databases) -> AsyncIterator[str]:
    """One database for all tests, each of which takes back what it wrote."""
    async with databases.fresh() as dsn:
        yield dsn


async def settings(dsn: str, **values: str) -> dict[str, Any]:
    conn = await asyncpg.connect(dsn)
    written = conn.transaction()
    await written.start()
    try:
        await conn.execute("INSERT INTO tenants VALUES ('acme'), ('other')")
        await conn.executemany(
            "INSERT INTO tenant_settings VALUES ('acme', $1, $2, 1, 'a')", list(values.items())
        )
        rows = await conn.fetch("SELECT * FROM attribution_settings ORDER BY tenant_id")
    finally:
        await written.rollback()
        await conn.close()
    acme, other = (dict(row) for row in rows)
    assert acme.pop("tenant_id") == "acme"
    assert (acme.pop("settings_version") == other.pop("settings_version")) == (acme == DEFAULTS)
    assert other == {"tenant_id": "other", **DEFAULTS}
    return acme


async def test_a_tenant_that_set_nothing_has_the_defaults(migrated: str) -> None:
    assert await settings(migrated) == DEFAULTS


@pytest.mark.parametrize(
    ("key", "text", "column", "value"),
    [
        ("time_zone", "America/Port-au-Prince", "time_zone", "America/Port-au-Prince"),
        ("time_zone", "Etc/GMT+5", "time_zone", "Etc/GMT+5"),
        ("currency", "jpy", "currency", "JPY"),
        ("enabled_models", "linear, first_touch,nonsense", "enabled_models",
         ["first_touch", "linear"]),
        ("half_life_days", "3.5", "half_life_days", Decimal("3.5")),
        ("attribution_mode", "clicks_only", "attribution_mode", "clicks_only"),
        ("view_window", "7d", "view_window_days", 7),
        ("view_window", "30", "view_window_days", 30),
        ("consent_when_absent", "denied", "consent_when_absent", "denied"),
        ("pixel_orders", "true", "pixel_orders", True),
        ("identity_fan_in_cap", "5", "identity_fan_in_cap", 5),
        ("max_touches", "5000", "max_touches", 5000),
        ("enabled_windows", "30d, 7d,9d", "enabled_windows", ["7d", "30d"]),
        ("lookback_days", "90", "lookback_days", 90),
        ("fairing_bridge_enabled", "true", "fairing_bridge_enabled", True),
        ("enabled_models", "custom,linear", "enabled_models", ["linear"]),
        ("model_promotion", " Manual ", "model_promotion", "manual"),
        ("restate_on_promotion", "false", "restate_on_promotion", False),
        ("half_life_fit", "automatic", "half_life_fit", "automatic"),
        ("bot_policy", " Exclude", "bot_policy", "exclude"),
        ("ip_policy", "truncated", "ip_policy", "truncated"),
        ("ip_policy", "none", "ip_policy", "none"),
        ("gpc", "ignore", "gpc", "ignore"),
        ("dnt", "respect", "dnt", "respect"),
        ("anonymous_visitors", "always", "anonymous_visitors", "always"),
        ("id_cookie", "Lax", "id_cookie", "lax"),
        ("id_cookie_domains", "Shop.example, b.example", "id_cookie_domains",
         "shop.example,b.example"),
        ("channel_rules", "[]", "channel_rules", "[]"),
    ],
)  # fmt: skip
async def test_a_usable_value_holds(
    migrated: str, key: str, text: str, column: str, value: object
) -> None:
    assert await settings(migrated, **{key: text}) == DEFAULTS | {column: value}


@pytest.mark.parametrize(
    ("enabled", "shown"),
    [(None, list(MODELS)), ("custom,linear", ["linear", "custom"]), ("linear", ["linear"])],
)
async def test_a_model_of_its_own_is_shown_where_the_tenant_has_one(
    migrated: str, enabled: str | None, shown: list[str]
) -> None:
    named = {} if enabled is None else {"enabled_models": enabled}
    found = await settings(migrated, custom_model="{}", **named)
    assert found["enabled_models"] == shown


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
        ("currency", "BTC"),
        ("enabled_models", "nonsense"),
        ("enabled_models", ""),
        ("half_life_days", "0"),
        ("half_life_days", "-1"),
        ("half_life_days", "NaN"),
        ("half_life_days", "1e400"),
        ("attribution_mode", "views_only"),
        ("view_window", "ltv"),
        ("view_window", "99999999999"),
        ("consent_when_absent", "perhaps"),
        ("pixel_orders", "no"),
        ("identity_fan_in_cap", "0"),
        ("max_touches", "0"),
        ("max_touches", "5001"),
        ("max_touches", "1.5"),
        ("enabled_windows", "9d"),
        ("lookback_days", "0"),
        ("lookback_days", "366"),
        ("lookback_days", ""),
        ("fairing_bridge_enabled", "yes"),
        ("model_promotion", "never"),
        ("restate_on_promotion", "no"),
        ("half_life_fit", "on"),
        ("bot_policy", "drop"),
        ("ip_policy", "hashed"),
        ("gpc", "off"),
        ("dnt", "true"),
        ("anonymous_visitors", "yes"),
        ("id_cookie", "on"),
        ("id_cookie_domains", " "),
        ("channel_rules", ""),
        ("custom_model", ""),
        ("custom_model", " "),
        ("unknown", "x"),
    ],
)
async def test_a_value_that_cannot_be_used_is_the_default(
    migrated: str, key: str, text: str
) -> None:
    assert await settings(migrated, **{key: text}) == DEFAULTS


async def test_a_model_of_the_tenants_own_is_enabled_unless_others_are_named(
    migrated: str,
) -> None:
    shown = {"custom_model": "{}", "enabled_models": list(MODELS)}
    assert await settings(migrated, custom_model="{}") == DEFAULTS | shown


async def test_the_axes_of_the_views_are_those_of_the_arrays(migrated: str) -> None:
    conn = await asyncpg.connect(migrated)
    rows = await conn.fetch(
        "SELECT attributary_model(cell), attributary_window(cell)"
        " FROM generate_series(1, attributary_cells('a version')) AS cell"
    )
    standard = await conn.fetchval("SELECT attributary_cells(NULL)")
    await conn.close()
    assert [tuple(row) for row in rows] == list(product(MODELS, WINDOWS))
    assert standard == len(STANDARD_MODELS) * len(WINDOWS)
