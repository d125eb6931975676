"""What becomes of deliveries when their platform judges the request later. Pure.

A request whose events are refused in part, without saying which, is told again in parts, each a
request of its own with a receipt of its own, until the refused event stands alone. What was taken
is told again by that, too, so it is only done while the platform absorbs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from processors.fanout import handle
from processors.fanout.handle import Settlement, Waiting, Window
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Heard, Result, Verdict

PARTS: Final = 16
"""So many at a time: each further round costs as long as the platform takes to judge, and 2000
events are told apart in three."""
_VERDICTS: Final[dict[str, Verdict]] = {
    "rejected": "rejected",
    "retry": "retry",
    "reauth": "reauth",
    "unknown": "unknown",
    "mixed": "unknown",
}


@dataclass(frozen=True, slots=True)
class Overturned:
    """What a delivery becomes that counted as sent, and with what it shares its next request."""

    settlement: Settlement
    verdict: Verdict
    apart: str


def overturned(
    rows: Sequence[Waiting],
    heard: Heard,
    *,
    receipt: str,
    now_ms: int,
    settings: FanoutSettings,
    window: Window,
) -> list[Overturned]:
    """What rows become whose request was taken under `receipt`; none when they stay sent."""
    verdict = _VERDICTS.get(heard.verdict)
    if verdict is None:
        return []
    found = []
    for part, some in enumerate(_parts(rows) if heard.verdict == "mixed" else [rows]):
        for row in some:
            settled = handle.settle(
                row,
                Result(verdict, heard.error),
                now_ms=now_ms,
                settings=settings,
                window=window,
                pause_seconds=heard.pause_seconds,
            )
            apart = row.apart
            if heard.verdict == "mixed":
                settled, apart = replace(settled, next_attempt_ms=now_ms), f"{receipt} {part}"
            found.append(Overturned(settled, verdict, apart))
    return found


def next_ms(asked: int, *, sent_ms: int, now_ms: int, settings: FanoutSettings) -> int | None:
    """When to ask again what was asked for so often, at growing intervals; None: no more."""
    if now_ms >= sent_ms + round(settings.receipt_until_seconds * 1000):
        return None
    rest = settings.receipt_first_seconds * 2.0 ** min(asked, 30)
    return now_ms + round(min(rest, settings.receipt_max_seconds) * 1000)


def _parts(rows: Sequence[Waiting]) -> list[Sequence[Waiting]]:
    """At most `PARTS`, as equal as can be."""
    size = -(-len(rows) // PARTS) or 1
    return [rows[start : start + size] for start in range(0, len(rows), size)]
