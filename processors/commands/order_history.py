"""What each snapshot of an order changed, by the fold that makes the conversion.

The snapshots are folded again and again, each time with one more: what differs is what the last
one brought. So the history ends with the conversion as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from processors.commands.explanation import Snapshot
from processors.domain.money import to_decimal
from processors.identity.fold import Fold, Version, fold, rank

SHOWN: Final = 50
_NOTHING: Final[Mapping[str, Any]] = {}


def history(versions: Sequence[Version], *, pixel_counts: bool) -> tuple[Snapshot, ...]:
    """The newest snapshots in the order in which they count, the last one wins."""
    ordered = sorted(versions, key=rank)
    found: list[Snapshot] = []
    before: Mapping[str, Any] = _NOTHING
    for count in range(max(0, len(ordered) - SHOWN), len(ordered) + 1):
        after = _told(_folded(ordered[:count], pixel_counts=pixel_counts))
        if count > max(0, len(ordered) - SHOWN):
            found.append(_snapshot(ordered[count - 1], before, after, pixel_counts=pixel_counts))
        before = after
    return tuple(found)


def _folded(versions: Sequence[Version], *, pixel_counts: bool) -> Fold | None:
    refunds: dict[str, int] = {}
    for version in versions:
        for refund in version.order.refunds:
            refunds[refund.refund_id] = max(refund.amount, refunds.get(refund.refund_id, 0))
    return fold(versions, refunds, pixel_counts=pixel_counts)


def _told(made: Fold | None) -> Mapping[str, Any]:
    """What of a conversion is worth telling when it changes."""
    if made is None:
        return _NOTHING
    currency = made.order.currency

    def money(minor: int | None) -> Any:
        return None if minor is None or currency is None else to_decimal(minor, currency)

    return {
        "status": made.status,
        "currency": currency,
        "gross": money(made.order.gross),
        "refunded": money(made.refunded),
        "net": money(made.net),
        "converted_at": _moment(made.converted_at),
        "ids": made.nodes,
        "discount_codes": made.order.discount_codes,
    }


def _snapshot(
    version: Version, before: Mapping[str, Any], after: Mapping[str, Any], *, pixel_counts: bool
) -> Snapshot:
    return Snapshot(
        version_at=_moment(version.version_at),
        event_id=version.order.event_id,
        precedence=version.order.precedence,
        counted=pixel_counts or version.order.precedence == "shop",
        changes={
            name: (before.get(name), value)
            for name, value in after.items()
            if before.get(name) != value and (value or before)
        },
    )


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
