"""`shadow show`: what a run would change, channel by channel, and which models it moves most."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import sql
from processors.commands.operator import Refused
from processors.commands.shadow.runs import find, run_as_json
from processors.domain.attribution import MODELS, WINDOWS
from processors.engine.postgres import Database, Row

QUERIES: Final = sql.load("shadow")
DEFAULT_MODEL: Final = "linear"
"""Where nothing moves; else the model that moves most is shown."""

_AMOUNTS: Final = (
    "production_conversions", "shadow_conversions", "production_revenue", "shadow_revenue",
    "revenue_difference", "relative_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A run under one model and window. `moved` is, by model, the revenue that changes channel."""

    run: Row
    model: str
    window: str
    moved: dict[str, Decimal]
    channels: tuple[Row, ...]


async def difference(db: Database, run_id: str, *, model: str | None, window: str) -> Difference:
    """What the run found; without a model under the one that moves most.

    Raises:
        Refused: for a run, model or window that there is none of.
    """
    if model is not None and model not in MODELS:
        raise Refused(f"{model} is no model; there are {', '.join(MODELS)}")
    if window not in WINDOWS:
        raise Refused(f"{window} is no window; there are {', '.join(WINDOWS)}")
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        run = await find(conn, run_id)
        key = run.tenant_id, run.run_id
        listed = await conn.fetch(QUERIES["runs"], run.tenant_id)
        own = next(row for row in listed if row["run_id"] == run_id)
        found = {
            row["model"]: row["moved"] for row in await conn.fetch(QUERIES["moved"], *key, window)
        }
        moved = {name: found[name] for name in MODELS if name in found}
        shown = model or max(
            moved, key=lambda name: (moved[name], name == DEFAULT_MODEL), default=DEFAULT_MODEL
        )
        channels = await conn.fetch(QUERIES["difference"], *key, shown, window)
    return Difference(run=own, model=shown, window=window, moved=moved, channels=tuple(channels))


def as_json(found: Difference) -> dict[str, Any]:
    """The same for a program; numbers as text, exact."""
    return {
        "run": run_as_json(found.run),
        "model": found.model,
        "attribution_window": found.window,
        "moved_by_model": {name: str(amount) for name, amount in found.moved.items()},
        "channels": [
            {
                "channel": row["channel"],
                "platform": row["platform"],
                **{name: None if row[name] is None else str(row[name]) for name in _AMOUNTS},
            }
            for row in found.channels
        ],
    }
