"""`python -m tests.oracle.judge`: do the served tables equal what THE LOG gives?

Reads the log from KAFKA_BOOTSTRAP_SERVERS and the tables from DATABASE_URL (the operator's), says
in words where they differ, and ends with 0 or 1. The log must be drained.
"""

import asyncio
import os
import sys

import asyncpg

from tests.oracle.compute import served
from tests.oracle.differences import diff
from tests.oracle.log import read_log
from tests.oracle.tables import COLUMNS
from tests.support import served as tables

_CONNECTED = "SELECT tenant_id, platform FROM platform_connections WHERE enabled"


async def judge(*, bootstrap: str, prefix: str, dsn: str) -> tuple[list[str], str]:
    """The differences, and what was compared."""
    log = await read_log(bootstrap, prefix)
    connection = await asyncpg.connect(dsn)
    try:
        connected = {tuple(row) for row in await connection.fetch(_CONNECTED)}
    finally:
        await connection.close()
    found = await tables.read(dsn)
    expected = served(log, connections=connected)
    records = sum(len(rows) for rows in log.values())
    compared = sum(len(expected[table]) for table in COLUMNS)
    size = f"{records:,} records of the log, {compared:,} rows of {len(COLUMNS)} tables"
    return diff(expected, found), size


def main() -> int:
    """Print the verdict; return the exit code."""
    differences, size = asyncio.run(
        judge(
            bootstrap=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            prefix=os.environ.get("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", ""),
            dsn=os.environ["DATABASE_URL"],
        )
    )
    verdict = "differs from the oracle" if differences else "equals the oracle"
    sys.stdout.write("\n".join([*differences, f"{verdict}: {size}"]) + "\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
