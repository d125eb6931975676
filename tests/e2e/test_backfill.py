"""History in random order ends with the oracle's tables, and without a storm of restatements.

`ATTRIBUTARY_BACKFILL_TOUCHES` makes it longer; `python -m tests.bench backfill` has a million.
"""

import os
import sys

import pytest

from tests.bench.backfill import MOST_LOOKS, run
from tests.support.history import History

pytestmark = pytest.mark.heavy

TOUCHES = int(os.environ.get("ATTRIBUTARY_BACKFILL_TOUCHES", "100000"))


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


async def test_a_backfill_in_random_order_ends_as_the_oracle_says() -> None:
    [row] = await run(History(TOUCHES), tell=_tell)
    assert row["looks"] <= MOST_LOOKS, row
