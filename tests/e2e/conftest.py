"""Stacks for the tests of a module; nothing is started until a test asks for one."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, running
from tests.support.servers import server_folder


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One process of each processor."""
    with server_folder() as folder, running(folder) as found:
        yield found


@pytest.fixture(scope="module")
def pairs() -> Iterator[Stack]:
    """Two processes of each processor."""
    with server_folder() as folder, running(folder, replicas=2) as found:
        yield found
