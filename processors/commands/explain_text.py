"""An explanation as a person reads it in a terminal."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from processors.commands.explanation import ExplainedTouch, Explanation, Joint

_HASH_SHOWN: Final = 10
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def render(found: Sequence[Explanation]) -> RenderableType:
    """Each order: what it is, whose it is, its touches, its deliveries."""
    return Lines(*(line for one in found for line in _order(one)))


def _order(one: Explanation) -> Iterable[RenderableType]:
    yield _heading(one)
    yield from _money(one)
    yield from _person(one)
    yield _touches(one)
    yield from _left_out(one)
    if one.deliveries:
        yield _deliveries(one)


def _heading(one: Explanation) -> str:
    order = one.order
    return (
        f"[bold]Order {escape(order['order_id'])}[/bold] of {order['tenant_id']}"
        f" ({order['source']}): {order['status']}, {order['state']},"
        f" {order['converted_at']:%Y-%m-%d %H:%M:%S} UTC, snapshots: {order['versions']}"
    )


def _money(one: Explanation) -> Iterable[str]:
    order = one.order
    if order["gross"] is None:
        yield "  worth: not known yet"
        return
    text = f"  worth {order['gross']} {order['currency']}"
    if order["refunded"]:
        refunds = ", ".join(f"{row['refund_id']}: {row['amount']}" for row in one.refunds)
        text += f", refunded {order['refunded']}" + (f" ({refunds})" if refunds else "")
    text += f", net {order['net']} {order['currency']}"
    if order["net_reporting"] is None:
        text += "; no exchange rate yet"
    elif order["reporting_currency"] != order["currency"]:
        text += f" = {order['net_reporting']} {order['reporting_currency']}"
    yield text


def _person(one: Explanation) -> Iterable[str]:
    carried = ", ".join(_short(name) for name in one.ids) or "nothing that joins"
    yield f"  the order carries {carried}"
    if one.quarantined:
        shared = ", ".join(_short(name) for name in one.quarantined)
        yield f"  shared by too many to join anybody: {shared}"
    if one.order["person_id"] is not None:
        yield f"  person {_short(one.order['person_id'])}"
    for joint in _used(one):
        yield f"    {_short(joint.a)} = {_short(joint.b)}  [dim]{escape(joint.reason)}[/dim]"


def _used(one: Explanation) -> Sequence[Joint]:
    """The joints that lead to the touches, each once."""
    return list(dict.fromkeys(joint for touch in one.touches for joint in touch.chain))


def _touches(one: Explanation) -> Table:
    title = f"Touches, {one.model}, {one.window}"
    if one.is_fallback:
        title += " (a simpler model stands in)"
    table = Table(title=title, title_justify="left")
    for heading in ("when (UTC)", "age", "type", "channel", "platform", "campaign", "counts from"):
        table.add_column(heading)
    for heading in ("credit", "revenue"):
        table.add_column(heading, justify="right")
    for touch in one.touches:
        table.add_row(*_cells(touch))
    if not one.touches:
        table.add_row("none", *[""] * 8)
    elif any(touch.credit is not None for touch in one.touches):
        credit = sum((touch.credit or Decimal(0) for touch in one.touches), Decimal(0))
        revenue = sum((touch.revenue or Decimal(0) for touch in one.touches), Decimal(0))
        table.add_section()
        table.add_row("together", *[""] * 6, f"{credit:.9f}", str(revenue))
    return table


def _cells(touch: ExplainedTouch) -> tuple[str, ...]:
    return (
        f"{touch.occurred_at:%Y-%m-%d %H:%M:%S}",
        _age(touch.age),
        touch.type,
        escape(touch.channel),
        escape(touch.platform),
        escape(touch.campaign),
        touch.from_window,
        "too old" if touch.credit is None else f"{touch.credit:.9f}",
        "" if touch.revenue is None else str(touch.revenue),
    )


def _left_out(one: Explanation) -> Iterable[str]:
    if one.touches_after_order:
        yield f"  {one.touches_after_order} touches of the person came after the order"
    if one.touches_out_of_reach:
        yield f"  {one.touches_out_of_reach} touches are in no window, or beyond the limit"


def _deliveries(one: Explanation) -> Table:
    table = Table(title="Deliveries", title_justify="left")
    for heading in ("platform", "event", "kind", "event id", "state", "attempts", "last answer"):
        table.add_column(heading)
    for row in one.deliveries:
        answer = str(row["http_status"] or "") + (f" {row['error']}" if row["error"] else "")
        known = (row["platform"], row["event_name"], row["kind"], row["event_id"], row["state"])
        table.add_row(*(escape(text) for text in known), str(row["attempts"]), escape(answer))
    return table


def _age(age: timedelta) -> str:
    if age >= _DAY:
        return f"{age / _DAY:.1f} d"
    return f"{age / _HOUR:.1f} h" if age >= _HOUR else f"{age.total_seconds() / 60:.1f} min"


def _short(node: str) -> str:
    """An id with a hash cut to what a person can compare."""
    kind, _, value = node.partition(":")
    shown = f"{value[:_HASH_SHOWN]}…" if kind in ("email", "phone") else value
    return escape(f"{kind}:{shown}")
