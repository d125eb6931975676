"""Credit: who earned a conversion, under seven models, the tenant's own, and eight windows.

Pointers of `conversions.v1` come in; for each, all credit of the conversion goes out to
`credits.v1`, computed from one snapshot of the database and carrying the revision that the
snapshot showed. A pointer's content is never trusted: it only says where to look. Nothing is
written, so any repetition is harmless, and whoever reads the credits keeps the greatest revision.
"""

from processors.engine.context import Context
from processors.engine.processor import Processor


def factory(ctx: Context) -> Processor:
    """The processor, for the engine that runs it."""
    from processors.credit.processor import CreditProcessor

    return CreditProcessor(db=ctx.db, publish=ctx.publish)
