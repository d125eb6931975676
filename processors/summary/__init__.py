"""Summary: the tables that analysts read.

Credits of `credits.v1` become one compact row a conversion, a narrow one of its journey and, by the
difference between its old and its new row, the cells of the channel summary and of journeys;
figures of `spend.v1` become the register of spend. A batch is one transaction, in which a
conversion's revision is accepted only if it is greater than the one shown, so that repetition and
reordering change nothing.
"""

from processors.engine.context import Context
from processors.engine.processor import Processor


def factory(ctx: Context) -> Processor:
    """The processor, for the engine that runs it."""
    from processors.summary.processor import SummaryProcessor

    return SummaryProcessor(db=ctx.db, progress=ctx.progress)
