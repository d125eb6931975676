"""Dedupe: which event goes to which platform, and under which id, once.

Orders come as `credits.v1` and become Purchases; every other event comes as `stitched_events.v1`.
Both are routed to the tenant's platforms as far as consent allows, and each (platform, event id)
is claimed once and for good. The claim remembers the record that made it: that record's
redelivery emits again, since the first attempt may have died before the brokers' acks, and any
other record is a duplicate. Refunds and cancellations follow the purchase to whoever heard of it.
"""

from processors.engine.context import Context
from processors.engine.processor import Processor


def factory(ctx: Context) -> Processor:
    """The processor, for the engine that runs it."""
    from processors.dedupe.processor import DedupeProcessor
    from processors.platforms.registry import CONNECTORS

    return DedupeProcessor(
        db=ctx.db,
        progress=ctx.progress,
        retracts={platform: kind.retracts for platform, kind in CONNECTORS.items()},
    )
