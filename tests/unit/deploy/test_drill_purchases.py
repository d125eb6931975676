"""Which deliveries the witness of platforms lets end in doubt."""

import pytest

from deploy.drills.purchases import _may_end_in_doubt
from processors.fanout.handle import DOUBTED
from processors.platforms.registry import CONNECTORS

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("error", "allowed"),
    [(f"consent_denied{DOUBTED}", True), ("ReadTimeout", False), (None, False)],
)
async def test_of_a_rebuilt_row_only_what_was_stopped_in_doubt_may_stay_so(
    error: str | None, allowed: bool
) -> None:
    connector = CONNECTORS["tiktok"].load(lambda: NOW)
    try:
        assert _may_end_in_doubt(connector, None, error) is allowed
    finally:
        await connector.close()
