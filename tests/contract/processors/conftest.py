"""The stage of the conformance suite, made once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from processors.engine.vault import new_key
from tests.contract.processors.stage import Stage, prepare
from tests.support.databases import Databases

SEED = 20260106


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a processor that opens credentials wants to find at its start."""
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", new_key())


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def stage(databases: Databases) -> AsyncIterator[Stage]:
    """Every group has drained a random log."""
    async with databases.fresh() as dsn:
        yield await prepare(dsn, SEED)
