"""fanout: sends deliveries to the ad platforms, each accepted once.

In: `deliveries.<platform>.v1`. Out: requests to the platforms and `delivery_outcomes.v1`. Tables:
`deliveries` (queue and ledger), `capi_delivery_log` (every attempt), `delivery_dlq`,
`delivery_gates` (rate limits and circuits, which the replicas share), `delivery_consent_log` (what
consent stopped, and released) and `delivery_receipts` (requests that a platform judges later). The
batch loop only copies records into the queue and commits; sending, retries, deadlines, rate limits
and circuits are the queue's, a loop for each platform, so that a platform or a tenant in trouble
neither holds back the offsets nor the others.
"""

from processors.engine.context import Context
from processors.engine.processor import Processor


def factory(context: Context) -> Processor:
    """The processor with the environment's settings, keys and platforms."""
    from processors.engine.vault import Vault
    from processors.fanout.processor import Fanout
    from processors.fanout.settings import FanoutSettings
    from processors.platforms.registry import CONNECTORS

    return Fanout(
        context,
        connectors={platform: kind.load(context.clock) for platform, kind in CONNECTORS.items()},
        vault=Vault.from_environment(),
        settings=FanoutSettings.load(),
    )
