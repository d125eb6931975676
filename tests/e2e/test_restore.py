"""Both servers are lost, and what a backup has of them is enough."""

from pathlib import Path

import pytest

from tests.e2e import witness
from tests.e2e.stack import Stack
from tests.oracle.differences import diff, fingerprint

pytestmark = pytest.mark.heavy


async def test_a_backup_put_into_fresh_servers_gives_the_same_tables_and_tells_nobody(
    stack: Stack, tmp_path: Path
) -> None:
    folder = str(tmp_path / "backup")
    before, counted = await witness.tables(stack), await witness.accepted(stack)
    assert before
    assert counted

    stack.must("backup", folder)
    stack.must("backup", folder, "--verify")
    stack.stop_processors()
    stack.lose_servers()
    stack.must("restore", folder)
    stack.must("rebuild")
    stack.start_processors()
    await stack.drain()

    after = await witness.tables(stack)
    assert diff(before, after) == []
    assert fingerprint(before) == fingerprint(after)
    assert await witness.accepted(stack) == counted
    assert await witness.verdict(stack) == []
