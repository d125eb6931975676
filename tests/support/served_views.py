"""The views of the analyst as Postgres shows them, in the form in which the oracle writes them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, TypeAlias

import asyncpg

from tests.oracle.views import VIEWS
from tests.oracle.views.amounts import MONEY, PLACES
from tests.oracle.views.books import EVERY, Cells
from tests.oracle.views.channels import BASES
from tests.oracle.views.periods import FIRST, GRAINS, LAST
from tests.oracle.words import Row, decimals

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_OTHERWISE: Final = {
    "summary_accrual": "attribution_channel_summary",
    "summary_cash": "attribution_channel_summary_cash",
    "summary_campaigns": "attribution_campaign_summary",
    "creatives": "creative_performance",
    "overview_by": f"""(
        SELECT s.tenant_id, g.grain, f.*
        FROM attribution_settings AS s
        CROSS JOIN unnest('{{{",".join(GRAINS)}}}'::text[]) AS g (grain)
        CROSS JOIN attributary_overview_by(s.tenant_id, g.grain, '{FIRST}', '{LAST}') AS f
    ) AS q""",
    "summary_by": f"""(
        SELECT s.tenant_id, g.grain, b.basis, f.*
        FROM attribution_settings AS s
        CROSS JOIN unnest('{{{",".join(GRAINS)}}}'::text[]) AS g (grain)
        CROSS JOIN unnest('{{{",".join(BASES)}}}'::text[]) AS b (basis)
        CROSS JOIN attributary_summary_by(s.tenant_id, g.grain, '{FIRST}', '{LAST}', b.basis) AS f
    ) AS q""",
}
"""What is not called attribution_ and the view's name here."""
_DATES: Final = frozenset({"date", "period", "cohort_month"})


async def views(
    conn: Connection, reporting: Callable[[str], str], cells: Cells
) -> dict[str, list[Row]]:
    """Every view that the oracle knows, of these models and windows."""
    return {name: await _rows(conn, name, reporting, cells) for name in VIEWS}


async def _rows(
    conn: Connection, name: str, reporting: Callable[[str], str], cells: Cells
) -> list[Row]:
    view, found = VIEWS[name], []
    relation = _OTHERWISE.get(name, f"attribution_{name}")
    texts = ", ".join(_in_sql(view.columns))
    query = f"SELECT {texts} FROM {relation}"
    if "model" in view.columns and cells != EVERY:
        named = ", ".join(f"('{model}', '{window}')" for model, window in sorted(cells))
        query += f" WHERE (model, attribution_window) IN ({named})"
    for row in await conn.fetch(query):
        unit = decimals(reporting(row[0]))
        found.append(
            tuple(
                _scaled(value, unit if column in MONEY else PLACES.get(column, 0))
                for column, value in zip(view.columns, row, strict=True)
            )
        )
    return found


def _in_sql(columns: tuple[str, ...]) -> Iterator[str]:
    for column in columns:
        if column == "hour":
            yield "(extract(epoch FROM hour) * 1000)::bigint AS hour"
        else:
            yield f"{column}::text" if column in _DATES else column


def _scaled(value: Any, places: int) -> Any:
    """A number in units of the last place; a Decimal, if it has more than that."""
    if not isinstance(value, Decimal):
        return value
    units = value.scaleb(places)
    return int(units) if units == units.to_integral_value() else units
