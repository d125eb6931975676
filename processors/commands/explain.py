"""`explain ORDER`: why a channel got credit for an order, down to each touch and each id.

For the order: what it was worth and how it stands; which person it belongs to, and the chain of
ids that leads from the order to each touch; the credit and the money of each touch under one
model and window; where the purchase was sent. Everything is read from the served tables, in one
snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import sql
from processors.commands.explain_text import render
from processors.commands.explanation import (
    ExplainedTouch,
    Explanation,
    Joint,
    chains_from,
)
from processors.domain.attribution import MODELS, WINDOWS
from processors.domain.ids import normalise_order_id, order_key
from processors.engine.postgres import Connection, Database, Row

__all__ = ["DEFAULT_MODEL", "DEFAULT_WINDOW", "as_json", "explain", "render"]

QUERIES: Final = sql.load("operations")
DEFAULT_MODEL: Final = "linear"
DEFAULT_WINDOW: Final = "30d"


async def explain(
    order_id: str,
    *,
    db: Database,
    tenant: str | None = None,
    model: str = DEFAULT_MODEL,
    window: str = DEFAULT_WINDOW,
) -> tuple[Explanation, ...]:
    """Every order of that id (several when tenants or shops share it); empty when none has it.

    Raises:
        ValueError: for a model or window that there is none of.
    """
    if model not in MODELS:
        raise ValueError(f"{model} is no model; there are {', '.join(MODELS)}")
    if window not in WINDOWS:
        raise ValueError(f"{window} is no window; there are {', '.join(WINDOWS)}")
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        found = await conn.fetch(QUERIES["order"], normalise_order_id(order_id), tenant)
        return tuple([await _explain(conn, row, model=model, window=window) for row in found])


async def _explain(conn: Connection, order: Row, *, model: str, window: str) -> Explanation:
    tenant, conversion, person = order["tenant_id"], order["conversion_id"], order["person_id"]
    nodes = await conn.fetch(QUERIES["order_nodes"], tenant, conversion)
    edges = await conn.fetch(QUERIES["person_edges"], tenant, person)
    touches = await conn.fetch(QUERIES["order_touches"], tenant, conversion, model, window)
    other = await conn.fetchrow(QUERIES["other_touches"], tenant, person, order["converted_at"])
    key = order_key(order["source"], order["order_id"])
    ids = tuple(row["node"] for row in nodes if not row["quarantined"])
    joints = [Joint(a=row["a"], b=row["b"], reason=row["reason"]) for row in edges]
    chains = chains_from(ids, joints)
    return Explanation(
        order=dict(order.items()),
        model=model,
        window=window,
        is_fallback=any(row["is_fallback"] for row in touches),
        ids=ids,
        quarantined=tuple(row["node"] for row in nodes if row["quarantined"]),
        refunds=await _dicts(conn, "order_refunds", tenant, conversion),
        touches=tuple(_touch(row, order["converted_at"], chains) for row in touches),
        touches_after_order=other["after_order"] if other else 0,
        touches_out_of_reach=max(0, other["before_order"] - len(touches)) if other else 0,
        deliveries=await _dicts(conn, "order_deliveries", tenant, [key, order["order_id"]]),
    )


def _touch(
    row: Row, converted_at: datetime, chains: Mapping[str, tuple[Joint, ...]]
) -> ExplainedTouch:
    return ExplainedTouch(
        touchpoint_id=row["touchpoint_id"],
        occurred_at=row["occurred_at"],
        age=max(converted_at - row["occurred_at"], timedelta()),
        type=row["touchpoint_type"],
        channel=row["channel"],
        platform=row["platform"],
        campaign=row["campaign"],
        from_window=WINDOWS[row["first_window"]],
        credit=row["credit"],
        revenue=row["revenue"],
        revenue_reporting=row["revenue_reporting"],
        chain=chains.get(row["anchor"], ()),
    )


async def _dicts(conn: Connection, query: str, *args: object) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row.items()) for row in await conn.fetch(QUERIES[query], *args))


def as_json(found: Sequence[Explanation]) -> list[dict[str, Any]]:
    """The explanations for a program: numbers as text, so that none loses a digit."""
    return [_plain(asdict(one)) for one in found]


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
