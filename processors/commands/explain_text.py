"""An explanation as a person reads it in a terminal."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from processors.commands import ids_text
from processors.commands.explanation import (
    ExplainedTouch,
    Explanation,
    LeftOut,
    ModelReason,
)
from processors.commands.ids_text import short
from processors.commands.joints import Joint
from processors.commands.order_state import WORDS
from processors.domain.attribution import WINDOWS

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_CUT_SHOWN: Final = 10


def render(found: Sequence[Explanation], *, all_windows: bool = False) -> RenderableType:
    """Each order: what it is, whose it is, its touches, its deliveries."""
    return Lines(*(line for one in found for line in _order(one, all_windows=all_windows)))


def _order(one: Explanation, *, all_windows: bool) -> Iterable[RenderableType]:
    yield _heading(one)
    if one.why:
        yield f"  [yellow]{one.order['state']}[/yellow]: {escape(one.why)}"
    yield from _money(one)
    yield from _snapshots(one)
    yield from _person(one)
    yield _touches(one)
    yield from _whys(one)
    if one.trained is not None:
        yield _model(one.trained)
    if all_windows and one.touches:
        yield _matrix(one)
    for left in one.left_out:
        yield from _left_out(left)
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
        text += "; not known in the reporting currency"
    elif order["reporting_currency"] != order["currency"]:
        text += f" = {order['net_reporting']} {order['reporting_currency']}"
        if one.rate is not None:
            text += f" at {one.rate.rate}, the rate since {one.rate.date}, on {order['date']}"
    yield text


def _snapshots(one: Explanation) -> Iterable[str]:
    if one.order["versions"] > len(one.snapshots):
        yield f"  {one.order['versions'] - len(one.snapshots)} older snapshots, and then"
    for snapshot in one.snapshots:
        changes = "; ".join(
            f"{name.replace('_', ' ')} {_said(new)}"
            if old is None
            else f"{name.replace('_', ' ')} {_said(old)} -> {_said(new)}"
            for name, (old, new) in snapshot.changes.items()
        )
        if not snapshot.counted:
            changes = "does not count: the pixel's own purchase (pixel_orders)"
        yield (
            f"  {snapshot.version_at:%Y-%m-%d %H:%M:%S} {changes or 'changes nothing'}"
            f" [dim]{escape(snapshot.event_id)}[/dim]"
        )


def _said(value: Any) -> str:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case tuple():
            return (
                " ".join(short(part) if ":" in part else escape(part) for part in value) or "none"
            )
        case _:
            return "none" if value is None else escape(str(value))


def _person(one: Explanation) -> Iterable[str]:
    carried = ", ".join(short(name) for name in one.ids) or "nothing that joins"
    yield f"  the order carries {carried}"
    if one.quarantined:
        shared = ", ".join(short(name) for name in one.quarantined)
        yield f"  shared by too many to join anybody: {shared}"
    if one.order["person_id"] is not None:
        yield f"  person {short(one.order['person_id'])}"
    for joint in _used(one):
        yield f"    {short(joint.a)} = {short(joint.b)}  {ids_text.because(joint)}"
    for joint in one.cut[:_CUT_SHOWN]:
        yield (
            f"    {short(joint.a)} ≠ {short(joint.b)}  {ids_text.cut(joint)}"
            f"  {ids_text.because(joint)}"
        )
    if one.cut_total > _CUT_SHOWN:
        yield f"    and {one.cut_total - _CUT_SHOWN} more that are not joined"


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
        table.add_row(*_cells(touch, without="" if one.note else "too old"))
    if not one.touches:
        table.add_row("none", *[""] * 8)
    elif any(touch.credit is not None for touch in one.touches):
        credit = sum((touch.credit or Decimal(0) for touch in one.touches), Decimal(0))
        revenue = sum((touch.revenue or Decimal(0) for touch in one.touches), Decimal(0))
        table.add_section()
        table.add_row("together", *[""] * 6, f"{credit:.9f}", str(revenue))
    return table


def _whys(one: Explanation) -> Iterable[str]:
    """What the tenant's own model says of each touch."""
    if one.note:
        yield f"  [yellow]{one.model}[/yellow]: {escape(one.note)}"
    for touch in one.touches:
        if touch.why:
            when = f"{touch.occurred_at:%Y-%m-%d %H:%M:%S}"
            yield f"    {when} {escape(touch.channel)}: {escape(touch.why)}"


def _cells(touch: ExplainedTouch, *, without: str) -> tuple[str, ...]:
    return (
        f"{touch.occurred_at:%Y-%m-%d %H:%M:%S}",
        _age(touch.age),
        touch.type,
        escape(touch.channel),
        escape(touch.platform),
        escape(touch.campaign),
        touch.from_window,
        without if touch.credit is None else f"{touch.credit:.9f}",
        "" if touch.revenue is None else str(touch.revenue),
    )


def _model(told: ModelReason) -> RenderableType:
    if told.probability is None:
        return f"  data_driven is linear here: {escape(told.fallback)}"
    title = (
        f"Model {told.version}: with all channels {told.probability:.4%} buy before a next touch"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("channel")
    for heading in ("touches", "effect (logits)", "without it", "share"):
        table.add_column(heading, justify="right")
    for own in told.channels:
        numbers = (f"{own.effect:+.4f}", f"{own.without:.4%}", f"{own.share:.9f}")
        table.add_row(escape(own.channel), str(own.touches), *numbers)
    return table


def _matrix(one: Explanation) -> Table:
    table = Table(title=f"Credit by window, {one.model}", title_justify="left")
    for heading in ("when (UTC)", "channel"):
        table.add_column(heading)
    for window in WINDOWS:
        table.add_column(window, justify="right")
    for touch in one.touches:
        shares = touch.everywhere.get(one.model, {})
        cells = (f"{shares[window]:.4f}" if window in shares else "" for window in WINDOWS)
        table.add_row(f"{touch.occurred_at:%Y-%m-%d %H:%M:%S}", escape(touch.channel), *cells)
    return table


def _left_out(left: LeftOut) -> Iterable[RenderableType]:
    yield f"  [yellow]touches that {WORDS[left.reason]}[/yellow]: {left.total}{_where_cut(left)}"
    table = Table(show_header=False, box=None, pad_edge=True)
    for touch in left.newest:
        table.add_row(
            f"    {touch.occurred_at:%Y-%m-%d %H:%M:%S}",
            _age(touch.age),
            touch.type,
            escape(touch.channel),
            escape(touch.platform),
            short(touch.anchor),
            escape(touch.event_id),
            f"would count from {touch.from_window}" if touch.from_window else "",
        )
    yield table
    if left.total > len(left.newest):
        yield f"    and {left.total - len(left.newest)} older ones"


def _where_cut(left: LeftOut) -> str:
    joint = left.joint
    if joint is None:
        return ""
    return f", {short(joint.a)} ≠ {short(joint.b)}  {ids_text.because(joint)}"


def _deliveries(one: Explanation) -> Table:
    table = Table(title="Deliveries", title_justify="left")
    for heading in ("platform", "event", "kind", "event id", "state", "attempts", "last answer"):
        table.add_column(heading)
    for row in one.deliveries:
        answer = str(row["http_status"] or "") + (f" {row['error']}" if row["error"] else "")
        known = (row["platform"], row["event_name"], row["kind"], row["event_id"], row["state"])
        table.add_row(*(escape(text) for text in known), str(row["attempts"]), escape(answer))
    if traces := sorted({row["trace_id"] for row in one.deliveries if row["trace_id"]}):
        table.caption = f"traces: {', '.join(traces)}"
    return table


def _age(age: timedelta) -> str:
    if age < timedelta():
        return f"{_age(-age)} after"
    if age >= _DAY:
        return f"{age / _DAY:.1f} d"
    return f"{age / _HOUR:.1f} h" if age >= _HOUR else f"{age.total_seconds() / 60:.1f} min"
