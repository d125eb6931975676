"""Every platform times every fault times a kill at every point: accepted once, or dead in the right
class, and in doubt only where the platform would not absorb a second request."""

from importlib import import_module
from pathlib import Path

import pytest

from deploy.simulators.ledger import Ledger
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform
from tests.integration.fanout import matrix
from tests.integration.fanout.field import Field
from tests.integration.fanout.holding import POINTS, Point
from tests.integration.fanout.vendors import VENDORS


def test_every_platform_that_can_be_sent_to_is_in_the_matrix() -> None:
    assert VENDORS.keys() == CONNECTORS.keys()


@pytest.mark.parametrize("platform", VENDORS)
def test_every_simulator_knows_the_troubles_with_tokens_that_the_matrix_tells_it(
    platform: Platform,
) -> None:
    vendor = VENDORS[platform]
    rules = import_module(f"deploy.simulators.{platform}").RULES(Ledger(None))
    for trouble in (vendor.expired, vendor.revoked):
        if isinstance(trouble, str) and trouble != "accounts":
            rules.told({trouble: ["token"]})


@pytest.mark.heavy
@pytest.mark.parametrize("point", [None, *POINTS])
async def test_every_delivery_is_accepted_once_or_dead_for_the_right_reason(
    field: Field, tmp_path: Path, point: Point | None
) -> None:
    cells = await matrix.run(field, tmp_path, point)
    assert {f"{c.platform} {c.fault}": c.wrong for c in cells if c.wrong} == {}
