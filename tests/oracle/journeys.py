"""The ways to conversions, and what they add up to: from result rows, conversion by conversion."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from tests.oracle.commands import Commands
from tests.oracle.credit import Credit
from tests.oracle.fold import Conversion
from tests.oracle.people import local_date
from tests.oracle.touches import Touch
from tests.oracle.words import WINDOWS, Row

COLUMNS: dict[str, tuple[str, ...]] = {
    "journeys": (
        "tenant_id", "conversion_id", "date", "converted_at", "revenue", "counts", "touches",
        "first_channel", "first_platform", "last_channel", "last_platform", "path", "steps",
        "seconds_to_convert",
    ),
    "journey_touches": (
        "tenant_id", "conversion_id", "place", "touchpoint_id", "occurred_at", "touchpoint_type",
        "channel", "platform", "campaign", "first_window",
    ),
    "journeys_open": (
        "tenant_id", "person_id", "touches", "first_touch_at", "first_channel", "first_platform",
        "last_touch_at", "last_channel", "last_platform", "path",
    ),
    "top_paths": (
        "tenant_id", "date", "attribution_window", "path", "steps", "conversions", "touches",
        "seconds_to_convert", "revenue",
    ),
    "top_paths_of": (
        "tenant_id", "attribution_window", "repeats", "path", "conversions", "touches", "revenue",
    ),
    "path_lengths": (
        "tenant_id", "date", "attribution_window", "measure", "bucket", "conversions", "revenue",
    ),
    "assists": (
        "tenant_id", "date", "channel", "attribution_window", "first_conversions",
        "last_conversions", "only_conversions", "assisted_conversions", "last_revenue",
        "assisted_revenue",
    ),
}  # fmt: skip
KEY_LENGTH = {
    "journeys": 2, "journey_touches": 3, "journeys_open": 2, "top_paths": 5, "top_paths_of": 4,
    "path_lengths": 5, "assists": 4,
}  # fmt: skip

_LENGTHS = ((21, "21 and more"), (11, "11 to 20"), (6, "6 to 10"))
_HOURS = (
    (90 * 24, "90 days and more"), (30 * 24, "30 to 90 days"), (14 * 24, "14 to 30 days"),
    (7 * 24, "7 to 14 days"), (3 * 24, "3 to 7 days"), (24, "1 to 3 days"),
    (6, "6 to 24 hours"), (1, "1 to 6 hours"), (0, "under 1 hour"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journey:
    """One conversion with the touches that count in each window, oldest first."""

    conversion: Conversion
    date: str
    reporting: int | None
    counts: bool
    paths: dict[str, list[Touch]]

    def seconds(self, window: str) -> int | None:
        """From the first touch, both ends floored to the second."""
        path = self.paths[window]
        if not path:
            return None
        return self.conversion.converted_at // 1000 - path[0].occurred_at // 1000


def journey(
    conversion: Conversion, rows: list[Credit], rules: Commands, *, reporting: int | None,
    counts: bool,
) -> Journey:  # fmt: skip
    """What the conversion's result rows say; every model has the same touches."""
    paths = {
        window: [row.touch for row in rows if row.window == window and row.model == "linear"]
        for window in WINDOWS
    }
    date = local_date(conversion.converted_at, rules.settings["time_zone"])
    return Journey(conversion, date, reporting, counts, paths)


def add(tables: dict[str, list[Row]], tenant: str, found: list[Journey], rules: Commands) -> None:
    """Every table but that of open journeys."""
    tables["journeys"] += [_row(tenant, own) for own in found]
    tables["journey_touches"] += [row for own in found for row in _touches(tenant, own)]
    counted = [
        (own, window) for own in found if own.counts
        for window in WINDOWS if window in rules.enabled_windows
    ]  # fmt: skip
    for name, entries in (
        ("top_paths", map(_path, counted)),
        ("top_paths_of", (row for own in counted for row in _paths_of_any_day(*own))),
        ("path_lengths", (row for own in counted for row in _lengths(*own))),
        ("assists", (row for own in counted for row in _assists(*own))),
    ):
        tables[name] += [(tenant, *row) for row in _totals(entries)]


def open_rows(
    tenant: str, touches_of: dict[str, list[Touch]], owned: list[tuple[Conversion, str | None]]
) -> list[Row]:
    """People with touches of whom no order stands."""
    bought = {person for c, person in owned if c.ready and c.status != "cancelled"}
    rows: list[Row] = []
    for person in touches_of.keys() - bought:
        path = sorted(touches_of[person], key=lambda t: (t.occurred_at, t.id))
        first, last = path[0], path[-1]
        rows.append((
            tenant, person, len(path), first.occurred_at, first.channel, first.platform,
            last.occurred_at, last.channel, last.platform, _named(path),
        ))  # fmt: skip
    return rows


def _named(path: list[Touch]) -> str:
    return " > ".join(touch.channel for touch in path) or "(none)"


def _steps(path: list[Touch]) -> str:
    return " > ".join(name for name, _ in groupby(touch.channel for touch in path)) or "(none)"


def _row(tenant: str, own: Journey) -> Row:
    path = own.paths["ltv"]
    ends: list[str | None] = [None] * 4
    if path:
        ends = [path[0].channel, path[0].platform, path[-1].channel, path[-1].platform]
    return (
        tenant, own.conversion.id, own.date, own.conversion.converted_at, own.reporting,
        own.counts, len(path), *ends, _named(path), _steps(path),
        own.seconds("ltv"),
    )  # fmt: skip


def _touches(tenant: str, own: Journey) -> Iterable[Row]:
    for place, t in enumerate(own.paths["ltv"], 1):
        first = next(window for window in WINDOWS if t in own.paths[window])
        yield (
            tenant, own.conversion.id, place, t.id, t.occurred_at, t.type, t.channel, t.platform,
            t.campaign, first,
        )  # fmt: skip


Entry = tuple[Row, tuple[int, ...]]


def _totals(entries: Iterable[Entry]) -> list[Row]:
    """The amounts of equal keys, added up."""
    totals: dict[Row, list[int]] = defaultdict(list)
    for key, amounts in entries:
        before = totals[key] or [0] * len(amounts)
        totals[key] = [a + b for a, b in zip(before, amounts, strict=True)]
    return [(*key, *amounts) for key, amounts in totals.items()]


def _path(counted: tuple[Journey, str]) -> Entry:
    own, window = counted
    path = own.paths[window]
    key = (own.date, window, _named(path), _steps(path))
    return key, (1, len(path), own.seconds(window) or 0, own.reporting or 0)


def _paths_of_any_day(own: Journey, window: str) -> Iterable[Entry]:
    path = own.paths[window]
    for repeats, told in ((True, _named(path)), (False, _steps(path))):
        yield (window, repeats, told), (1, len(path), own.reporting or 0)


def _lengths(own: Journey, window: str) -> Iterable[Entry]:
    count, seconds = len(own.paths[window]), own.seconds(window)
    amounts = (1, own.reporting or 0)
    told = next((name for least, name in _LENGTHS if count >= least), str(count))
    yield (own.date, window, "touches", told), amounts
    hours = None if seconds is None else seconds // 3600
    lasted = "none" if hours is None else next(name for least, name in _HOURS if hours >= least)
    yield (own.date, window, "time_to_convert", lasted), amounts


def _assists(own: Journey, window: str) -> Iterable[Entry]:
    channels = [touch.channel for touch in own.paths[window]] or ["unattributed"]
    net = own.reporting or 0
    for channel in set(channels):
        is_last = channel == channels[-1]
        yield (own.date, channel, window), (
            int(channel == channels[0]), int(is_last), int(set(channels) == {channel}),
            int(not is_last), net * is_last, net * (not is_last),
        )  # fmt: skip
