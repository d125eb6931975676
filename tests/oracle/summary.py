"""The channel summary: result rows added up by day and channel, and what no touch earned."""

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.commands import Commands
from tests.oracle.credit import Credit
from tests.oracle.people import local_date
from tests.oracle.words import UNIT, WINDOWS, Row

Cells = dict[Row, list[int]]
"""(basis, date, channel, platform, campaign, model, window) to [touchpoints, credit, revenue]."""


def new_cells() -> Cells:
    return defaultdict(lambda: [0, 0, 0])


def add(cells: Cells, *, converted_at: int, net: int, rows: list[Credit], rules: Commands) -> None:
    """Adds one conversion that counts; `net` is in the reporting currency."""
    time_zone = rules.settings["time_zone"]
    order_date = local_date(converted_at, time_zone)
    dates = {row.touch.id: local_date(row.touch.occurred_at, time_zone) for row in rows}
    for row in rows:
        touch = row.touch
        place = (touch.channel, touch.platform, touch.campaign, row.model, row.window)
        amounts = (1, row.credit, row.reporting or 0)
        _add(cells, ("accrual", dates[touch.id], *place), amounts)
        _add(cells, ("cash", order_date, *place), amounts)
    earned = {row.window for row in rows}
    for window in WINDOWS.keys() - earned:
        for model in rules.models:
            for basis in ("accrual", "cash"):
                place = ("unattributed", "none", "", model, window)
                _add(cells, (basis, order_date, *place), (0, UNIT, net))


def _add(cells: Cells, key: Row, amounts: Iterable[int]) -> None:
    cell = cells[key]
    for n, amount in enumerate(amounts):
        cell[n] += amount


def cell_rows(tenant: str, cells: Cells) -> list[Row]:
    """The finest level, all models."""
    return [(tenant, *key, *amounts) for key, amounts in cells.items()]


def campaign_view(tenant: str, cells: Cells, rules: Commands) -> list[Row]:
    """By touch date with campaigns, for the models that are switched on."""
    return [
        (tenant, *key[1:], *amounts)
        for key, amounts in cells.items()
        if key[0] == "accrual"
        and key[5] in rules.enabled_models
        and key[6] in rules.enabled_windows
    ]


def view_through(tenant: str, earned: list[list[Credit]], rules: Commands) -> list[Row]:
    """What clicks and views earned: the result rows of counting conversions, by touch date."""
    totals = new_cells()
    for row in (row for rows in earned for row in rows):
        touch = row.touch
        if row.model in rules.enabled_models and row.window in rules.enabled_windows:
            date = local_date(touch.occurred_at, rules.settings["time_zone"])
            place = (date, touch.channel, touch.platform, row.model, row.window, touch.type)
            _add(totals, place, (1, row.credit, row.reporting or 0))
    return [(tenant, *key, *amounts) for key, amounts in totals.items()]


def channel_view(tenant: str, cells: Cells, rules: Commands, *, basis: str) -> list[Row]:
    """The same without campaigns, by touch date or order date."""
    totals = new_cells()
    for (of, date, channel, platform, _, model, window), amounts in cells.items():
        shown = model in rules.enabled_models and window in rules.enabled_windows
        if of == basis and shown:
            _add(totals, (date, channel, platform, model, window), amounts)
    return [(tenant, *key, *amounts) for key, amounts in totals.items()]
