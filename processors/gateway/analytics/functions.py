"""Functions of a tenant and two dates, asked as views are: what a sum of days would get wrong."""

from typing import Final

from processors.gateway.analytics.view import Option, View

_CELL: Final = {"model": "linear", "attribution_window": "30d"}
_GRAIN: Final = Option(
    "of_grain",
    "day",
    "day|week|month|quarter|year|[1-9][0-9]{0,3}d",
    "day, week, month, quarter, year, or a number of days such as 10d",
)
_BASIS: Final = Option("of_basis", "cash", "cash|accrual", "cash or accrual")
_WINDOW: Final = Option(
    "attribution_window",
    "30d",
    "1d|3d|7d|14d|28d|30d|90d|ltv",
    "1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv",
)
_REPEATS: Final = Option("repeats", "true", "true|false", "true or false")

FUNCTIONS: Final[dict[str, View]] = {
    "attributary_overview_by": View(
        "period", ("model", "attribution_window"), assumed=_CELL, options={"grain": _GRAIN}
    ),
    "attributary_summary_by": View(
        "period",
        ("channel", "platform", "model", "attribution_window"),
        assumed=_CELL,
        options={"grain": _GRAIN, "basis": _BASIS},
    ),
    "attribution_top_paths_of": View(
        keys=("-conversions", "path"),
        options={"attribution_window": _WINDOW, "repeats": _REPEATS},
        most="most",
    ),
}
