"""`explain ORDER`: why a channel got credit for an order, down to each touch and each id.

For the order: what each snapshot made it worth and how it stands; which person it belongs to, and
the chain of ids that leads from the order to each touch; the credit and the money of each touch
under one model and window; which touches did not count and why; where the purchase was sent.
Everything is read from the served tables, in one snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import sql
from processors.commands import (
    custom_reasons,
    explain_model,
    left_out,
    order_history,
    order_state,
)
from processors.commands.explain_text import render
from processors.commands.explanation import (
    ExplainedTouch,
    Explanation,
    ModelReason,
    Rate,
    Snapshot,
)
from processors.commands.joints import Joint, Joints, chains_from, joints_of
from processors.domain.attribution import MODELS, WINDOWS, CreditSettings, custom_document
from processors.domain.ids import normalise_order_id, order_key
from processors.engine.postgres import Connection, Database, Row
from processors.identity.fold import Version
from schemas.order import Order

__all__ = ["DEFAULT_MODEL", "DEFAULT_WINDOW", "as_json", "explain", "render"]

QUERIES: Final = sql.load("operations")
DEFAULT_MODEL: Final = "linear"
DEFAULT_WINDOW: Final = "30d"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_NOBODY: Final = Joints(joined=(), cut=(), cut_total=0)

Credit = dict[str, dict[str, dict[str, Decimal]]]


async def explain(
    order_id: str,
    *,
    db: Database,
    tenant: str | None = None,
    model: str = DEFAULT_MODEL,
    window: str = DEFAULT_WINDOW,
    everywhere: bool = False,
) -> tuple[Explanation, ...]:
    """Every order of that id (several when tenants or shops share it); empty when none has it.

    `everywhere` reads the credit of every model and window, too.

    Raises:
        ValueError: for a model or window that there is none of.
    """
    if model not in MODELS:
        raise ValueError(f"{model} is no model; there are {', '.join(MODELS)}")
    if window not in WINDOWS:
        raise ValueError(f"{window} is no window; there are {', '.join(WINDOWS)}")
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        found = await conn.fetch(QUERIES["order"], normalise_order_id(order_id), tenant)
        return tuple(
            [
                await _explain(conn, row, model=model, window=window, everywhere=everywhere)
                for row in found
            ]
        )


async def _explain(
    conn: Connection, order: Row, *, model: str, window: str, everywhere: bool
) -> Explanation:
    tenant, conversion, person = order["tenant_id"], order["conversion_id"], order["person_id"]
    settings = await conn.fetchrow(QUERIES["order_settings"], tenant)
    nodes = await conn.fetch(QUERIES["order_nodes"], tenant, conversion)
    ids = tuple(row["node"] for row in nodes if not row["quarantined"])
    quarantined = tuple(row["node"] for row in nodes if row["quarantined"])
    joints = _NOBODY if person is None else await joints_of(conn, tenant, person)
    rows = await conn.fetch(QUERIES["order_touches"], tenant, conversion, model, window)
    credit = await _credit(conn, tenant, conversion) if everywhere else {}
    chains = chains_from(ids, joints.joined)
    touches = tuple(_touch(row, order["converted_at"], chains, credit) for row in rows)
    note = ""
    if model == "custom":
        document = settings["custom_model"] if settings is not None else None
        custom = None if document is None else custom_document.model(document)
        note, touches = custom_reasons.told(custom, order["custom_version"], touches)
    asked = left_out.Asked(
        tenant=tenant,
        converted_at=order["converted_at"],
        converted_ms=(order["converted_at"] - _EPOCH) // _MILLISECOND,
        settings=_settings(settings),
        is_pending=order["state"] == "pending_order",
        is_suppressed=await conn.fetchval(QUERIES["is_suppressed"], tenant, person),
        counted=frozenset(touch.touchpoint_id for touch in touches),
    )
    own = () if person is None else await left_out.of_person(conn, asked, person)
    others = await left_out.of_cut(conn, asked, own=person, quarantined=quarantined, cut=joints.cut)
    rate = await _rate(conn, order)
    why = order_state.why(
        dict(order.items()), ids=ids, quarantined=quarantined, rate=rate, left_out=(*own, *others)
    )
    return Explanation(
        order=dict(order.items()),
        why=why,
        model=model,
        window=window,
        is_fallback=any(row["is_fallback"] for row in rows),
        note=note,
        trained=await _trained(conn, tenant, model, rows, touches),
        ids=ids,
        quarantined=quarantined,
        joints=joints.joined,
        cut=joints.cut,
        cut_total=joints.cut_total,
        snapshots=await _snapshots(conn, tenant, conversion, settings),
        refunds=await _dicts(conn, "order_refunds", tenant, conversion),
        rate=rate,
        touches=touches,
        left_out=(*own, *others),
        deliveries=await _dicts(
            conn,
            "order_deliveries",
            tenant,
            [order_key(order["source"], order["order_id"]), order["order_id"]],
        ),
    )


async def _trained(
    conn: Connection,
    tenant: str,
    model: str,
    rows: Sequence[Row],
    touches: Sequence[ExplainedTouch],
) -> ModelReason | None:
    """What the trained model says, where it was asked for and credits a touch."""
    versions = [row["model_version"] for row in rows if row["model_version"] is not None]
    if model != "data_driven" or not versions:
        return None
    return await explain_model.reason(conn, tenant, versions[0], touches)


def _settings(row: Row | None) -> CreditSettings:
    if row is None:
        return CreditSettings()
    return CreditSettings(
        half_life_days=row["half_life_days"],
        attribution_mode=row["attribution_mode"],
        view_window_days=row["view_window_days"],
        max_touches=row["max_touches"],
        lookback_days=row["lookback_days"],
        bots=row["bot_policy"] == "keep",
    )


async def _rate(conn: Connection, order: Row) -> Rate | None:
    """What the order's currency was worth on its date; none when it needs no rate."""
    currency, into, day = order["currency"], order["reporting_currency"], order["date"]
    if currency is None or into is None or currency == into or not isinstance(day, date):
        return None
    row = await conn.fetchrow(QUERIES["order_rate"], order["tenant_id"], currency, into, day)
    return None if row is None else Rate(rate=row["rate"], date=row["date"])


async def _snapshots(
    conn: Connection, tenant: str, conversion: str, settings: Row | None
) -> tuple[Snapshot, ...]:
    rows = await conn.fetch(QUERIES["order_versions"], tenant, conversion)
    versions = [
        Version(row["version_at"], Order.model_validate_json(row["snapshot"])) for row in rows
    ]
    counts = settings is not None and settings["pixel_orders"]
    return order_history.history(versions, pixel_counts=counts)


async def _credit(conn: Connection, tenant: str, conversion: str) -> Credit:
    """Touch, model, window: the share."""
    found: Credit = {}
    for row in await conn.fetch(QUERIES["order_credit"], tenant, conversion):
        of_touch = found.setdefault(row["touchpoint_id"], {})
        of_touch.setdefault(row["model"], {})[row["attribution_window"]] = row["credit"]
    return found


def _touch(
    row: Row, converted_at: datetime, chains: Mapping[str, tuple[Joint, ...]], credit: Credit
) -> ExplainedTouch:
    return ExplainedTouch(
        touchpoint_id=row["touchpoint_id"],
        event_id=row["event_id"],
        anchor=row["anchor"],
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
        everywhere=credit.get(row["touchpoint_id"], {}),
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
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
