"""Identity: facts from the source topics, people from facts, conversions from both.

Three steps a batch, each one transaction (protocol.md): facts; components of what was joined;
and, after both are committed, a fresh look for every conversion that may have changed. Then a
pointer for each of those, and each pixel event stitched to its person. A crash between any two
steps repeats the batch; what moved in the graph waits in the outbox `identity_dirty`,
and what is looked at later, in `conversions_due`.

Beside the batches, touches of tenants that changed their channel rules are resolved again.
"""

from processors.engine.context import Context
from processors.engine.processor import Processor


def factory(ctx: Context) -> Processor:
    """The processor, for the engine that runs it."""
    from processors.identity.processor import Identity
    from processors.identity.settings import IdentitySettings

    return Identity(ctx, settings=IdentitySettings.load())
