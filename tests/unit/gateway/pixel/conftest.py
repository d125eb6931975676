"""One Node process answers for all rules."""

from collections.abc import Iterator

import pytest

from tests.unit.gateway.pixel.node import Ask, evaluating


@pytest.fixture(scope="session")
def answers() -> Iterator[Ask]:
    """What functions of the pixel's sources answer."""
    with evaluating() as ask:
        yield ask
