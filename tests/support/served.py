"""The served tables as analysts see them in Postgres, in the form in which the oracle writes them.

A number that is no whole count of its unit stays a Decimal, so that it shows up as a difference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import product
from typing import Any, TypeAlias

import asyncpg

from tests.oracle.differences import diff, fingerprint
from tests.oracle.ids import order_number
from tests.oracle.tables import COLUMNS, KEY_LENGTH, Served, served_of
from tests.oracle.views.books import Asked, Cells
from tests.oracle.words import MODELS, WINDOWS, Row, decimals
from tests.support.served_views import views

__all__ = ["diff", "fingerprint", "read"]

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ReportingOf = Callable[[str], str]
Number = int | Decimal | None

_CREDIT_DECIMALS = 9
_FREQUENCY_DECIMALS = 6
_DATES = frozenset({"date"})
_TIMES = frozenset(
    {
        "occurred_at", "converted_at", "ordered_at", "paid_at", "answered_at", "created_at",
        "completed_at", "promoted_at", "applies_from", "first_touch_at", "last_touch_at",
    }
)  # fmt: skip
_DELIVERIES = """SELECT DISTINCT tenant_id, platform, event_id FROM deliveries
WHERE kind = 'event'
  AND (state <> 'filtered' OR error = 'the account has no conversion set for this event')"""
"""What is filtered is not told. An event that the account has no conversion for has passed all that
the oracle knows of, which platforms want such a map no log says: that it ends with this very reason
is the proof that it was looked at, and the platforms are asked elsewhere that none counted it."""
_RETRACTIONS = """SELECT d.tenant_id, d.platform, d.event_id, d.kind, coalesce(d.value, k.amount),
    (extract(epoch FROM d.finished_at) * 1000)::bigint, d.state, d.error
FROM deliveries AS d
LEFT JOIN dedupe_keys AS k USING (tenant_id, platform, event_id, kind)
WHERE d.kind <> 'event'"""
"""A rebuild brings no payload back, hence no value; the claim has it from the outcome."""
_PURCHASES = """SELECT tenant_id, platform, event_id FROM deliveries
WHERE kind = 'event' AND state = 'sent'"""
_RESULTS = """SELECT r.tenant_id, r.conversion_id, touchpoint_id, model, attribution_window, credit,
    attributed_revenue, attributed_revenue_reporting, model_version, is_fallback, c.currency
FROM attribution_results AS r
LEFT JOIN attribution_conversions AS c USING (tenant_id, conversion_id)"""
_CELLS = """SELECT tenant_id, basis, date::text, channel, platform, campaign,
    touchpoints, conversions, revenue
FROM summary_cells"""
_SPEND = """SELECT DISTINCT tenant_id, date::text, channel, platform, spend
FROM attribution_channel_summary WHERE spend IS NOT NULL"""
_TOP_PATHS_OF = """SELECT s.tenant_id, own.name, told.repeats, f.path, f.conversions, f.touches,
    f.revenue
FROM attribution_settings AS s
CROSS JOIN unnest(s.enabled_windows) AS own (name)
CROSS JOIN (VALUES (true), (false)) AS told (repeats)
CROSS JOIN attribution_top_paths_of(
    s.tenant_id, own.name, '-infinity', 'infinity', 1000000, told.repeats
) AS f
WHERE s.tenant_id IN (SELECT tenant_id FROM journeys)"""
"""The function plans each of its calls anew: it is not asked about tenants without a journey."""
_NOW = "SELECT (extract(epoch FROM now()) * 1000)::bigint"
_OF_TENANTS = """SELECT c.relname FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"""


async def read(dsn: str, *, tenant: str | None = None, cells: Cells | None = None) -> Served:
    """Every served table, or one tenant's rows of each, from one snapshot; the views of the analyst
    only of the models and windows that are named, since they cost as much again."""
    conn = await asyncpg.connect(dsn)
    try:
        for row in await conn.fetch(_OF_TENANTS) if tenant is not None else ():
            # A temporary view hides the relation of its name from this connection.
            await conn.execute(
                f"CREATE TEMP VIEW {row['relname']} AS SELECT * FROM public.{row['relname']}"
                f" WHERE tenant_id = '{tenant}'"
            )
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            reporting = await _reporting_currencies(conn)
            tables = {
                "touchpoints": await _plain(conn, "touchpoints", "attribution_touchpoints"),
                "identity_links": await _plain(conn, "identity_links", "identity_links"),
                "conversions": await _conversions(conn, reporting),
                "orders": await _priced(conn, "orders", "gross", "refunded", "net"),
                "order_line_items": await _priced(conn, "order_line_items", "price"),
                "unattributed": await _plain(
                    conn, "unattributed", "attribution_unattributed_orders"
                ),
                "survey": await _plain(conn, "survey", "attribution_survey_answers"),
                "results": await _results(conn, reporting),
                "models": await _plain(conn, "models", "attribution_model_versions"),
                "summary_cells": await _cells(conn),
                "spend": await _spend(conn, reporting),
                "spend_facts": await _figures(conn, "spend_facts", "attribution_spend_facts"),
                "ad_spend": await _figures(conn, "ad_spend", "daily_ad_spend"),
                "platform_reach": await _reach(conn, reporting),
                "pixel_events": await _pixel_events(conn),
                "offline_conversions": await _offline(conn),
                "offline_batches": await _batches(conn),
                "deliveries": [tuple(row) for row in await conn.fetch(_DELIVERIES)],
                "retractions": [tuple(row) for row in await conn.fetch(_RETRACTIONS)],
            }
            for view in ("journey_touches", "journeys_open"):
                tables[view] = await _plain(conn, view, f"attribution_{view}")
            for view in ("journeys", "top_paths", "path_lengths", "assists"):
                tables[view] = await _earning(conn, view, reporting)
            tables["top_paths_of"] = await _top_paths_of(conn, reporting)
            tables["influencer_orders"] = await _influencer_orders(conn, reporting)
            for view in (
                "channel_summary", "channel_summary_cash", "campaign_summary", "view_through",
            ):  # fmt: skip
                tables[view] = await _summary(conn, view, reporting)
            asked = None
            if cells is not None:
                tables |= await views(conn, reporting, cells)
                asked = Asked(await conn.fetchval(_NOW), cells)
            accepted = frozenset(tuple(row) for row in await conn.fetch(_PURCHASES))
            return served_of(tables, accepted=accepted, asked=asked)
    finally:
        await conn.close()


def scaled(value: Decimal | None, places: int) -> Number:
    """The value in units of the last place; a Decimal when it has more places than that."""
    if value is None:
        return None
    units = Decimal(value).scaleb(places)
    return int(units) if units == units.to_integral_value() else units


def _money(value: Decimal | None, currency: str) -> Number:
    return scaled(value, decimals(currency))


async def _plain(conn: Connection, table: str, relation: str) -> list[Row]:
    """The table's columns as they are in the relation."""
    columns = ", ".join(_in_sql(COLUMNS[table]))
    return [tuple(row) for row in await conn.fetch(f"SELECT {columns} FROM {relation}")]


def _in_sql(columns: Iterable[str]) -> Iterable[str]:
    """Times as epoch milliseconds, dates as text."""
    for column in columns:
        if column in _TIMES:
            yield f"(extract(epoch FROM {column}) * 1000)::bigint AS {column}"
        else:
            yield f"{column}::text" if column in _DATES else column


async def _reporting_currencies(conn: Connection) -> ReportingOf:
    rows = await conn.fetch("SELECT tenant_id, value FROM tenant_settings WHERE key = 'currency'")
    known = {row["tenant_id"]: row["value"] for row in rows}
    return lambda tenant: known.get(tenant, "USD")


async def _pixel_events(conn: Connection) -> list[Row]:
    """With the order id in its bare form, whichever the browser named."""
    place = COLUMNS["pixel_events"].index("order_id")
    rows = await _plain(conn, "pixel_events", "pixel_events")
    return [
        (*row[:place], order_number(row[place]) if row[place] else None, *row[place + 1 :])
        for row in rows
    ]


async def _conversions(conn: Connection, reporting: ReportingOf) -> list[Row]:
    """Money without a currency, or before the order is complete, is nobody's yet: None."""
    columns = COLUMNS["conversions"]
    found: list[Row] = []
    for row in await _plain(conn, "conversions", "attribution_conversions"):
        shown = dict(zip(columns, row, strict=True))
        currency, tenant = shown["currency"], shown["tenant_id"]
        waiting = shown["state"] == "pending_order"
        shown["revenue"] = _money(shown["revenue"], currency) if currency else None
        shown["revenue_reporting"] = (
            None if waiting else _money(shown["revenue_reporting"], reporting(tenant))
        )
        found.append(tuple(shown.values()))
    return found


async def _priced(conn: Connection, relation: str, *amounts: str) -> list[Row]:
    """A view of orders whose amounts are in the currency beside them."""
    found: list[Row] = []
    for row in await _plain(conn, relation, relation):
        shown = dict(zip(COLUMNS[relation], row, strict=True))
        for name in amounts:
            amount, currency = shown[name], shown["currency"]
            shown[name] = _money(amount, currency) if currency else amount
        found.append(tuple(shown.values()))
    return found


async def _offline(conn: Connection) -> list[Row]:
    """Rows of uploads; which content a row has only the fact table tells."""
    columns = ", ".join(f"o.{column}" for column in COLUMNS["offline_conversions"])
    columns = columns.replace("o.content_hash", "r.content_hash").replace(
        "o.created_at", "(extract(epoch FROM o.created_at) * 1000)::bigint"
    )
    query = f"""SELECT {columns} FROM offline_conversions AS o
        JOIN offline_rows AS r USING (tenant_id, batch_id, row_number, conversion_id)
        WHERE r.received_at = o.created_at"""
    return [tuple(row) for row in await conn.fetch(query)]


async def _batches(conn: Connection) -> list[Row]:
    """Uploads, the match rate in hundredths of a per cent."""
    place = COLUMNS["offline_batches"].index("match_rate_pct")
    rows = await _plain(conn, "offline_batches", "offline_conversion_batches")
    return [(*row[:place], scaled(row[place], 2), *row[place + 1 :]) for row in rows]


async def _results(conn: Connection, reporting: ReportingOf) -> list[Row]:
    found: list[Row] = []
    for record in await conn.fetch(_RESULTS):
        *key, credit, revenue, converted, version, is_fallback, currency = record
        money = _money(revenue, currency or "USD"), _money(converted, reporting(key[0]))
        found.append((*key, scaled(credit, _CREDIT_DECIMALS), *money, version, is_fallback))
    return found


async def _influencer_orders(conn: Connection, reporting: ReportingOf) -> list[Row]:
    rows = await _plain(conn, "influencer_orders", "attribution_influencer_orders")
    return [
        (*key, _money(revenue, reporting(key[0])), is_first) for *key, revenue, is_first in rows
    ]


async def _earning(conn: Connection, view: str, reporting: ReportingOf) -> list[Row]:
    """A view of journeys, with its revenue in minor units; no sum of seconds is none of them."""
    columns = COLUMNS[view]
    found: list[Row] = []
    for row in await _plain(conn, view, f"attribution_{view}"):
        shown = dict(zip(columns, row, strict=True))
        for name in columns:
            if name.endswith("revenue"):
                shown[name] = _money(shown[name], reporting(shown["tenant_id"]))
        if view == "top_paths":
            shown["seconds_to_convert"] = shown["seconds_to_convert"] or 0
        found.append(tuple(shown.values()))
    return found


async def _top_paths_of(conn: Connection, reporting: ReportingOf) -> list[Row]:
    """Every path of every window, of all time."""
    rows = await conn.fetch(_TOP_PATHS_OF)
    return [(*key, _money(revenue, reporting(key[0]))) for *key, revenue in rows]


async def _summary(conn: Connection, view: str, reporting: ReportingOf) -> list[Row]:
    """A view of the summary, without the rows that spend alone made."""
    found: list[Row] = []
    for row in await _plain(conn, view, f"attribution_{view}"):
        *key, touchpoints, conversions, revenue = row
        if touchpoints or conversions or revenue:
            money = _money(revenue, reporting(key[0]))
            found.append((*key, touchpoints, scaled(conversions, _CREDIT_DECIMALS), money))
    return found


async def _spend(conn: Connection, reporting: ReportingOf) -> list[Row]:
    """Spend is the same on every model and window; were it not, a key would come twice."""
    return [
        (*place, _money(spend, reporting(place[0]))) for *place, spend in await conn.fetch(_SPEND)
    ]


async def _figures(conn: Connection, table: str, relation: str) -> list[Row]:
    """Figures of ad accounts, decimals in millionths, all as whole numbers where they are."""
    columns = COLUMNS[table]
    places = dict.fromkeys(("frequency", "conversions"), _FREQUENCY_DECIMALS)
    return [
        tuple(
            scaled(v, places.get(n, 0)) if isinstance(v, Decimal) else v
            for n, v in _named(columns, row)
        )
        for row in await _plain(conn, table, relation)
    ]


async def _reach(conn: Connection, reporting: ReportingOf) -> list[Row]:
    """Claims of platforms beside our credit."""
    columns = COLUMNS["platform_reach"]
    text = KEY_LENGTH["platform_reach"]
    own = {"view_conversions", "click_conversions"}
    found: list[Row] = []
    for row in await _plain(conn, "platform_reach", "attribution_platform_reach"):
        places = {"frequency": _FREQUENCY_DECIMALS, **dict.fromkeys(own, _CREDIT_DECIMALS)}
        unit = decimals(reporting(row[0]))
        places |= {name: unit for name in columns if name == "spend" or name.endswith("revenue")}
        numbers = (scaled(v, places.get(n, 0)) for n, v in _named(columns[text:], row[text:]))
        found.append((*row[:text], *numbers))
    return found


def _named(columns: Iterable[str], row: Row) -> Iterable[tuple[str, Any]]:
    return zip(columns, row, strict=True)


async def _cells(conn: Connection) -> list[Row]:
    """The wide rows of the summary, shards added up, one row for each model and window."""
    totals: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for *place, touchpoints, conversions, revenue in await conn.fetch(_CELLS):
        wide = zip(_flat(touchpoints), _flat(conversions), _flat(revenue), strict=True)
        # Those of a tenant without a model of its own have no cells of custom.
        for of, amounts in zip(product(MODELS, WINDOWS), wide, strict=False):
            total = totals[(*place, *of)]
            for n, amount in enumerate(amounts):
                total[n] += amount
    return [(*key, *amounts) for key, amounts in totals.items() if any(amounts)]


def _flat(array: list[int] | list[list[int]]) -> list[int]:
    """A row of arrays of models x windows end to end."""
    return [n for part in array for n in (part if isinstance(part, list) else [part])]
