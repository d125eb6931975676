"""The last 48 hours, by the tenant's clock."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.views.books import Books, View
from tests.oracle.words import UNIT, Row

_BACK_MS = 48 * 3_600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour(at: int, time_zone: str) -> int:
    """The start of the moment's hour, both in epoch milliseconds; hours begin with the clock's."""
    clock = (_EPOCH + timedelta(milliseconds=at)).astimezone(ZoneInfo(time_zone))
    return at - (clock.minute * 60 + clock.second) * 1000 - clock.microsecond // 1000


def realtime(books: Books) -> list[Row]:
    """Orders that count, by their hour."""
    sums: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for sale, model, window, row in books.facts():
        at = sale.conversion.converted_at
        if at >= books.asked.now - _BACK_MS:
            place, amounts = ("unattributed", "none"), (0, UNIT, sale.reporting or 0)
            if row is not None:
                place = (row.touch.channel, row.touch.platform)
                amounts = (1, row.credit, row.reporting or 0)
            own = sums[(hour(at, books.rules.settings["time_zone"]), *place, model, window)]
            for n, amount in enumerate(amounts):
                own[n] += amount
    return [(books.tenant, *key, *amounts) for key, amounts in sums.items()]


def traffic(books: Books) -> list[Row]:
    """Touches by their hour, those of robots left out."""
    kinds: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
    visitors: dict[Row, set[str]] = defaultdict(set)
    for touch in books.touches:
        if touch.occurred_at >= books.asked.now - _BACK_MS and not touch.is_bot:
            at = hour(touch.occurred_at, books.rules.settings["time_zone"])
            key = at, touch.channel, touch.platform
            kinds[key][touch.type == "view"] += 1
            if touch.visitor_id is not None:
                visitors[key].add(touch.visitor_id)
    return [(books.tenant, *key, *counts, len(visitors[key])) for key, counts in kinds.items()]


VIEWS = (
    View(
        "realtime", 6,
        (
            "tenant_id", "hour", "channel", "platform", "model", "attribution_window",
            "touchpoints", "conversions", "revenue",
        ),
        realtime,
    ),
    View(
        "realtime_traffic", 4,
        ("tenant_id", "hour", "channel", "platform", "clicks", "views", "visitors"),
        traffic,
    ),
)  # fmt: skip
