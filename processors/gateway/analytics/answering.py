"""What a view says to a question: columns with what they mean, and rows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from processors.engine.clock import Clock
from processors.engine.postgres import Row
from processors.gateway.analytics import PATH
from processors.gateway.analytics.asking import Question, filterable, parameters, question
from processors.gateway.analytics.pages import LATER, PAGES
from processors.gateway.analytics.statement import composed
from processors.gateway.analytics.view import View
from processors.gateway.analytics.views import VIEWS
from processors.gateway.bound import QUERIES, Bound
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

_JSON: Final = frozenset({"json", "jsonb"})
_AT_ONCE: Final = 2


class Analytics:
    """Answers for whoever may read a tenant's results."""

    def __init__(self, settings: GatewaySettings, *, clock: Clock) -> None:
        self._bound = Bound(settings, "attributary_reader", at_once=_AT_ONCE)
        self._seconds = settings.page_seconds
        self._clock = clock

    async def listed(self, tenant: str) -> bytes:
        """The views and what each is for, and which of them each page shows."""
        async with self._transaction(tenant) as conn:
            rows = await conn.fetch(QUERIES["descriptions"], sorted(VIEWS))
        return orjson.dumps({"pages": PAGES, "views": [dict(row.items()) for row in rows]})

    async def view(self, tenant: str, name: str, query: bytes) -> bytes:
        """Rows of a view, or of one of a page's, of this tenant alone.

        Raises:
            Problem: 404 for a view that is none, 422 for a question that is none, 503 and 504 as
                `Bound` does.
        """
        said = parameters(query)
        name, also = _chosen(name, said)
        view = VIEWS[name]
        today = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self._clock())).date()
        async with self._transaction(tenant) as conn:
            described = "columns_of_function" if view.is_function else "columns_of"
            columns = await conn.fetch(QUERIES[described], name)
            types = {column["name"]: column["type"] for column in columns}
            asked = question(said, view, types, today=today)
            statement, given = composed(name, view, types, tenant, asked)
            rows = await conn.fetch(statement, *given)
        return _shown(name, view, columns, asked, rows, also)

    async def influencers(self, tenant: str, influencer_id: str | None) -> list[dict[str, Any]]:
        """The influencers as the database has them now, or one of them."""
        async with self._transaction(tenant) as conn:
            rows = await conn.fetch(QUERIES["influencers"], tenant, influencer_id)
        return [dict(row.items()) for row in rows]

    async def connections(self, tenant: str, platform: str | None) -> list[dict[str, Any]]:
        """The connections and how they do, or one of them."""
        async with self._transaction(tenant) as conn:
            rows = await conn.fetch(QUERIES["connections"], tenant, platform)
        return [dict(row.items()) for row in rows]

    async def close(self) -> None:
        """Close the connections."""
        await self._bound.close()

    def _transaction(self, tenant: str) -> Any:
        return self._bound.transaction(tenant, seconds=self._seconds, readonly=True)


def dumped(value: Any) -> bytes:
    """JSON; decimals as numbers, moments in UTC."""
    return orjson.dumps(value, default=_number, option=orjson.OPT_UTC_Z)


def _chosen(name: str, said: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The view, and what else the page shows if it was asked for by a page's name."""
    if name in LATER:
        detail = f"nothing makes the figures of {name} in this release"
        raise Problem(404, "not_in_this_release", detail)
    also = PAGES.get(name, ())
    if "view" not in said:
        name = also[0] if also else name
    elif said["view"] in also:
        name = said["view"]
    else:
        known = f"must be one of {', '.join(also)}" if also else "only a page has several"
        raise Problem(422, "bad_option", f"view: {known}")
    if name not in VIEWS:
        detail = f"there is no such page or view; {PATH} has their names"
        raise Problem(404, "not_found", detail)
    return name, also


def _shown(
    name: str, view: View, columns: list[Row], asked: Question, rows: list[Row],
    also: tuple[str, ...],
) -> bytes:  # fmt: skip
    types = {column["name"]: column["type"] for column in columns}
    more = len(rows) > asked.limit
    answer: dict[str, Any] = {
        "view": name,
        "columns": [dict(column.items()) for column in columns],
        "filters": [*view.options, *filterable(types)],
        "asked": {**asked.options, **asked.filters},
        "rows": [
            [_cell(types[column], value) for column, value in row.items()]
            for row in rows[: asked.limit]
        ],
        "next_offset": asked.offset + asked.limit if more else None,
    }
    if view.is_dated:
        answer |= {"from": asked.first, "to": asked.last}
    if also:
        answer["views"] = also
    return dumped(answer)


def _cell(kind: str, value: Any) -> Any:
    return orjson.Fragment(value) if kind in _JSON and value is not None else value


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
