"""The fuzz's table: what was put, what came of it, and what was found."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

COLUMNS: Final = (
    "case", "inputs", "2xx/3xx", "4xx", "5xx", "hangs", "slowest_ms", "grown_mb", "found",
    "seconds",
)  # fmt: skip


def tell(rows: list[dict[str, Any]], console: Console) -> bool:
    """Print it; whether nothing is off."""
    total = rows[-1]
    for line in total["kept"]:
        console.print(line, markup=False, highlight=False)
    table = Table(*COLUMNS, title="fuzz")
    for row in rows:
        if row is total:
            table.add_section()
        shown = {**row, "2xx/3xx": _of(row, "23"), "4xx": _of(row, "4")}
        table.add_row(*(str(shown[name]) for name in COLUMNS))
    console.print(table)
    return not total["found"]


def _of(row: dict[str, Any], firsts: str) -> int:
    return sum(count for status, count in row["statuses"].items() if status[0] in firsts)
