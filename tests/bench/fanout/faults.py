"""`python -m tests.bench fanout-faults`: every platform, fault and kill point, as one table."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.integration.fanout import matrix
from tests.integration.fanout.field import Field
from tests.integration.fanout.holding import POINTS
from tests.support.databases import Databases


async def run(
    databases: Databases, bootstrap: str, *, tell: Callable[[str], Any]
) -> list[dict[str, Any]]:
    """One row a platform; `wrong` lists what was neither accepted once nor rightly dead."""
    cells: list[matrix.Cell] = []
    for point in (None, *POINTS):
        with tempfile.TemporaryDirectory() as folder:
            async with databases.fresh() as dsn:
                field = Field(
                    bootstrap=bootstrap,
                    dsn=dsn,
                    prefix=f"faults{uuid.uuid4().hex[:8]}.",
                    folder=Path(folder),
                )
                await field.open()
                try:
                    cells += (found := await matrix.run(field, Path(folder), point))
                finally:
                    await field.close()
        wrong = [why for cell in found for why in cell.wrong]
        tell(f"killed at {point or 'no point'}: {len(found)} cells, wrong: {wrong or 'none'}")
    rows = matrix.table(cells)
    return [
        {
            "stage": "fanout-faults",
            "case": row.pop("platform"),
            **row,
            "wrong": sum(len(c.wrong) for c in cells if c.platform == name),
        }
        for row, name in [(row, row["platform"]) for row in rows]
    ]
