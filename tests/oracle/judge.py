"""`python -m tests.oracle.judge`: do the served tables equal what THE LOG gives?

Reads the log from KAFKA_BOOTSTRAP_SERVERS and the tables from DATABASE_URL (the operator's), says
in words where they differ, and ends with 0 or 1. The log must be drained. With `--each` it takes a
tenant at a time and leaves out the analyst's views, so that a large log fits into memory.
"""

import asyncio
import os
import sys
from collections.abc import Callable

import asyncpg

from tests.oracle.compute import Connections, served
from tests.oracle.differences import diff
from tests.oracle.log import Log, decoded, read_log, read_values
from tests.oracle.retention import Horizons, taken, without
from tests.oracle.tables import Served
from tests.oracle.views.books import SOME, Cells
from tests.support import served as tables

_CONNECTED = """SELECT c.tenant_id, c.platform, coalesce(
    (
        SELECT (extract(epoch FROM min(a.at)) * 1000)::bigint
        FROM audit_log AS a
        WHERE a.tenant_id = c.tenant_id
            AND (
                (a.action = 'connect' AND a.detail ->> 'platform' = c.platform)
                OR (a.action = 'set' AND EXISTS (
                    SELECT FROM jsonb_object_keys(a.detail) AS set (name)
                    WHERE starts_with(set.name, c.platform || '_')
                ))
            )
            AND a.at > ALL (
                SELECT gone.at FROM audit_log AS gone
                WHERE gone.tenant_id = c.tenant_id AND gone.action = 'disconnect'
                    AND gone.detail ->> 'platform' = c.platform
            )
    ), 0)
FROM platform_connections AS c
WHERE c.enabled"""
"""Since when: the first that the audit log has of it after it was last let go; a connection that
it does not know has been there from the start."""


async def connections(dsn: str) -> Connections:
    """Since when which platforms are connected."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(_CONNECTED)
    finally:
        await connection.close()
    return {(tenant, platform): since for tenant, platform, since in found}


_RETAINED = """SELECT tenant_id, detail ->> 'data', max((detail ->> 'before')::bigint)
FROM audit_log WHERE action = 'retain' GROUP BY 1, 2"""


async def retained(dsn: str) -> Horizons:
    """Until when what was taken, as the audit log has it."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(_RETAINED)
    finally:
        await connection.close()
    return {(tenant, data): before for tenant, data, before in found}


def _compare(expected: Served, found: Served, log: Log, horizons: Horizons) -> list[str]:
    keys = taken(expected, log, horizons) if horizons else {}
    return diff(without(expected, keys), without(found, keys))


async def judge(
    *, bootstrap: str, prefix: str, dsn: str, cells: Cells | None = SOME
) -> tuple[list[str], str]:
    """The differences, and what was compared; the analyst's views of these models and windows."""
    log = await read_log(bootstrap, prefix)
    found = await tables.read(dsn, cells=cells)
    expected = served(log, connections=await connections(dsn), asked=found.asked)
    records = sum(len(rows) for rows in log.values())
    compared = sum(map(len, expected.tables.values()))
    size = f"{records:,} records of the log, {compared:,} rows of {len(expected.tables)} tables"
    return _compare(expected, found, log, await retained(dsn)), size


async def judge_each(
    *, bootstrap: str, prefix: str, dsn: str, tell: Callable[[str], None]
) -> tuple[list[str], str]:
    """The same without the analyst's views, a tenant at a time: what is held is one tenant's, and
    the log as bytes."""
    values = await read_values(bootstrap, prefix)
    tenants = sorted({tenant for rows in values.values() for tenant, _ in rows})
    horizons, connected = await retained(dsn), await connections(dsn)
    differences: list[str] = []
    records = compared = 0
    for tenant in tenants:
        log = {
            name: list(decoded(name, (value for own, value in rows if own == tenant)))
            for name, rows in values.items()
        }
        records += sum(len(rows) for rows in log.values())
        expected = served(log, connections=connected)
        found = await tables.read(dsn, tenant=tenant)
        compared += sum(map(len, expected.tables.values()))
        lines = _compare(expected, found, log, horizons)
        differences += [f"{tenant}: {line}" for line in lines]
        tell(f"{tenant}: {len(differences)} differences so far")
    return differences, f"{records:,} records, {compared:,} rows"


def main() -> int:
    """Print the verdict; return the exit code."""
    differences, size = asyncio.run(_judged(each="--each" in sys.argv[1:]))
    verdict = "differs from the oracle" if differences else "equals the oracle"
    sys.stdout.write("\n".join([*differences, f"{verdict}: {size}"]) + "\n")
    return 1 if differences else 0


async def _judged(*, each: bool) -> tuple[list[str], str]:
    bootstrap, dsn = os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["DATABASE_URL"]
    prefix = os.environ.get("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", "")
    if not each:
        return await judge(bootstrap=bootstrap, prefix=prefix, dsn=dsn)
    return await judge_each(bootstrap=bootstrap, prefix=prefix, dsn=dsn, tell=_progress)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
