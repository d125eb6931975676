"""`python -m tests.bench.seed --size 1000000`: fill DATABASE_URL, or a server of its own."""

import argparse
import asyncio
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Final

import asyncpg
from rich.console import Console

import sql
from deploy.local.postgres import Postgres
from tests.bench.seed.filling import NotEmpty, seed
from tests.bench.seed.people import Size

FOLDER: Final = Path(".attributary/seed")


def main() -> None:
    """Migrate, fill, and say where it is."""
    parser = argparse.ArgumentParser(prog="make seed")
    parser.add_argument("--size", type=int, default=1_000_000, help="touchpoints")
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--days", type=int, default=730, help="of history and of spend")
    parser.add_argument("--seed", type=int, default=1, help="the same one gives the same rows")
    parser.add_argument("--until", type=date.fromisoformat, help="the last day; else yesterday")
    asked = parser.parse_args()
    until = asked.until or date.fromordinal(datetime.now(UTC).date().toordinal() - 1)
    size = Size(asked.size, until, asked.tenants, asked.days, asked.seed)
    tell = Console(stderr=True).print
    began = monotonic()
    try:
        if dsn := os.environ.get("DATABASE_URL"):
            asyncio.run(_fill(dsn, size))
        else:
            FOLDER.mkdir(parents=True, exist_ok=True)
            server = Postgres(FOLDER, durable=False)
            server.start()
            try:
                asyncio.run(_fill(server.dsn, size))
            finally:
                server.stop()
            tell(f"it stays in {FOLDER}: python -m deploy.local.postgres {FOLDER} --port PORT")
    except NotEmpty as error:
        sys.exit(str(error))
    tell(f"filled in {monotonic() - began:.0f} s")


async def _fill(dsn: str, size: Size) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await sql.migrate(conn)
    finally:
        await conn.close()
    await seed(dsn, size, tell=Console(stderr=True).print)


if __name__ == "__main__":
    main()
