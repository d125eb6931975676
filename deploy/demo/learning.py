"""The demo's training of the data_driven model: what the scheduler does every night, asked for by
hand when the day is over. A day of the shop may be too little to learn from, and then the demo says
so; once more on the same stack adds another."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from rich.console import Console

from deploy.demo.report import WINDOW
from deploy.local.failure import LocalStackError
from processors.engine.postgres import Database

_SECONDS: Final = 120.0
_SHOWN: Final = 5
_AUC: Final = """
SELECT auc FROM attribution_model_trainings WHERE tenant_id = $1 AND is_latest
"""
_CREDIT: Final = """
SELECT channel, model, sum(conversions) AS conversions
FROM attribution_channel_summary
WHERE tenant_id = $1 AND attribution_window = $2 AND model IN ('data_driven', 'linear')
    AND channel <> 'unattributed'
GROUP BY channel, model
"""

Found = Mapping[str, Any]


async def train(tenant: str, *, environment: Mapping[str, str]) -> Found:
    """What `model train` found.

    Raises:
        LocalStackError: when it refuses.
    """
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "processors", "model", "train", tenant, "--json"],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise LocalStackError(f"model train {tenant} failed:\n{done.stderr.strip()}")
    found: Found = json.loads(done.stdout)
    return found


async def told(console: Console, db: Database, found: Found) -> None:
    """The model and what it changes; or why there is none."""
    tenant = found["tenant_id"]
    async with db.connection() as conn:
        auc = await conn.fetchval(_AUC, tenant)
        rows = await conn.fetch(_CREDIT, tenant, WINDOW)
    credit = {(row["channel"], row["model"]): row["conversions"] for row in rows}
    for line in lines(found, auc=auc, credit=credit):
        console.print(line, markup=False, soft_wrap=True)


def lines(
    found: Found, *, auc: Decimal | None, credit: Mapping[tuple[str, str], Decimal]
) -> Iterable[str]:
    """What there is to say, in words."""
    read = f"{found['journeys']:,} journeys, {found['conversions']:,} with a conversion"
    if found["version"] is None:
        yield (
            f"data_driven has no model yet and divides as linear does: {found['reason']}"
            f" ({read}); another `make demo` on this stack adds a day"
        )
        return
    yield (
        f"data_driven was trained on {read}: model {found['version']} ({found['promotion']}),"
        f" AUC {auc:.3f} on held-out journeys"
    )
    shares = {model: _shares(credit, model) for model in ("data_driven", "linear")}
    most = sorted(shares["data_driven"].items(), key=lambda own: (-own[1], own[0]))[:_SHOWN]
    yield "its shares of the credit, beside linear's: " + ", ".join(
        f"{channel} {share:.1f} % ({shares['linear'].get(channel, Decimal(0)):.1f} %)"
        for channel, share in most
    )


def _shares(credit: Mapping[tuple[str, str], Decimal], model: str) -> dict[str, Decimal]:
    own = {channel: amount for (channel, of), amount in credit.items() if of == model}
    whole = sum(own.values(), Decimal(0)) or Decimal(1)
    return {channel: amount / whole * 100 for channel, amount in own.items()}
