"""Why an order stands as it does, in words: what it waits for, or why nobody earned it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from processors.commands.explanation import LeftOut, Rate

WORDS: Final = {
    "after_order": "came after the order",
    "bot": "are a robot's, and robots are left out (bot_policy)",
    "clicks_only": "are views, and only clicks count (attribution_mode)",
    "too_old": "are older than the widest window, 365 days",
    "beyond_lookback": "are older than the tenant looks back (lookback_days)",
    "view_too_old": "are views older than the view window (view_window)",
    "beyond_max_touches": "lie between the first and the newest that count (max_touches)",
    "not_yet_credited": "count, and their credit is on its way",
    "order_pending": "wait until the order is complete",
    "suppressed": "are of somebody who is suppressed (suppress list)",
    "quarantined_id": "are on an id that is shared by too many to join anybody",
    "unlinked_id": "are of somebody whom an operator took apart from this person",
}
"""Why touches do not count: touches that ..."""


def why(
    order: Mapping[str, Any],
    *,
    ids: Sequence[str],
    quarantined: Sequence[str],
    rate: Rate | None,
    left_out: Sequence[LeftOut],
) -> str:
    """One line; empty for an order whose state explains itself."""
    match order["state"]:
        case "pending_order":
            return _pending(order)
        case "pending_rate":
            return _rate_missing(order, rate)
        case "unattributed":
            return _nobody(ids, quarantined, left_out)
        case _:
            return ""


def _pending(order: Mapping[str, Any]) -> str:
    missing = [name for name in ("gross", "currency") if order[name] is None]
    if missing:
        return f"no snapshot of the shop has told its {' and '.join(missing)} yet"
    return f"it is {order['status']}: no snapshot has told that it is paid yet"


def _rate_missing(order: Mapping[str, Any], rate: Rate | None) -> str:
    currency, into = order["currency"], order["reporting_currency"]
    if rate is not None:
        return f"1 {currency} = {rate.rate} {into} (since {rate.date}) gives no plausible amount"
    return (
        f"there is no rate from {currency} to {into} on {order['date']} or before: attributary "
        f"tenant rate {order['tenant_id']} {currency}=… --reporting {into} --date {order['date']}"
    )


def _nobody(ids: Sequence[str], quarantined: Sequence[str], left_out: Sequence[LeftOut]) -> str:
    if not ids:
        if quarantined:
            return "every id that it carries is shared by too many to say who that is"
        return "it carries no id that joins"
    if not left_out:
        return "nobody has seen a touch of this person"
    return "no touch counts; " + "; ".join(
        f"touches that {WORDS[left.reason]}: {left.total}" for left in left_out
    )
