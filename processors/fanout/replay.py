"""Puts dead deliveries back into the queue, under the event id that they always had.

What the platform rejected or what came too late would end the same way, so these stay unless they
are asked for by reason. Consent is asked again when they are sent.
"""

from collections.abc import Sequence
from typing import Final, Literal

from processors.engine.postgres import Connection
from processors.fanout.store import QUERIES, at
from processors.platforms.registry import CONNECTORS

Reason = Literal["unknown", "rejected", "expired"]
DEFAULT_REASONS: Final[tuple[Reason, ...]] = ("unknown",)


async def requeue(
    conn: Connection,
    *,
    now_ms: int,
    tenant_id: str | None = None,
    platform: str | None = None,
    event_ids: Sequence[str] | None = None,
    reasons: Sequence[Reason] = DEFAULT_REASONS,
    dry_run: bool = False,
) -> int:
    """Queue again what the filters choose, in the caller's transaction.

    Returns:
        How many deliveries were chosen.
    """
    rows = await conn.fetch(
        QUERIES["replayable"],
        list(reasons),
        tenant_id,
        platform,
        None if event_ids is None else list(event_ids),
    )
    if rows and not dry_run:
        await conn.execute(
            QUERIES["requeue"],
            *([r[name] for r in rows] for name in ("tenant_id", "platform", "event_id", "kind")),
            list(CONNECTORS),
            [connector.accepted_for_ms for connector in CONNECTORS.values()],
            at(now_ms),
        )
    return len(rows)
