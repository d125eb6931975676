"""`advise`: what the database's own figures say should be done about it. It changes nothing.

Each advice says what is found and the statement that mends it; `urgent` ones end in a database that
refuses to write, or in an index that costs and does nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sql
from processors.commands.operator import database
from processors.engine.postgres import Connection

QUERIES: Final = sql.load("advise")

DEAD_ROWS: Final = 10_000
DEAD_SHARE: Final = 0.2
CHANGED_SHARE: Final = 0.3
FREEZE_SHARE: Final = 1.2
"""Autovacuum freezes a table at a certain age by itself; so much older, it does not get to it."""
STOPS_AT: Final = 2_000_000_000
"""Transactions, about, after which Postgres refuses writes."""
UNUSED_BYTES: Final = 1 << 20
UNUSED_DAYS: Final = 7

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Advice:
    """`kind`: autovacuum, dead_rows, statistics, wraparound, invalid_index, duplicate_index or
    unused_index."""

    kind: str
    about: str
    found: str
    todo: str
    urgent: bool = False


async def advise() -> list[Advice]:
    """Of the database of the environment; urgent advice first."""
    async with database() as db, db.connection() as conn:
        return await asked(conn)


async def asked(conn: Connection) -> list[Advice]:
    """Of the database of the connection; urgent advice first."""
    tables, indexes, servers = [
        [dict(row) for row in await conn.fetch(QUERIES[name])]
        for name in ("tables", "indexes", "server")
    ]
    server = servers[0]
    found = [*of_server(server), *of_tables(tables, server), *of_indexes(indexes, server)]
    return sorted(found, key=lambda advice: not advice.urgent)


def of_server(server: Row) -> Iterator[Advice]:
    """What holds for all tables."""
    if not server["autovacuum"]:
        yield Advice(
            "autovacuum", "server", "autovacuum is off", "set autovacuum = on", urgent=True
        )


def of_tables(tables: Sequence[Row], server: Row) -> Iterator[Advice]:
    """Rows that are dead, statistics that are old, and the age of the oldest transaction."""
    for table in tables:
        name, live, dead = table["name"], table["live"], table["dead"]
        share = dead / max(1, live + dead)
        if dead >= DEAD_ROWS and share >= DEAD_SHARE:
            last = f"last vacuumed {table['vacuumed'] or 'never'}"
            scale = f"ALTER TABLE {name} SET (autovacuum_vacuum_scale_factor = 0.05)"
            yield Advice(
                "dead_rows", name, f"{dead:,} of {live + dead:,} rows are dead, {last}",
                f"VACUUM (ANALYZE) {name}; if it comes back: {scale}",
            )  # fmt: skip
        changed = table["changed"]
        if changed >= DEAD_ROWS and changed >= CHANGED_SHARE * live:
            yield Advice(
                "statistics", name,
                f"{changed:,} changes since it was analysed ({table['analyzed'] or 'never'})",
                f"ANALYZE {name}",
            )  # fmt: skip
        if table["age"] >= FREEZE_SHARE * server["freeze_at"]:
            yield Advice(
                "wraparound", name,
                f"its oldest row is {table['age']:,} transactions old; at {STOPS_AT:,} nothing"
                " can be written any more",
                f"VACUUM (FREEZE) {name}; end transactions and replication slots that hold it up",
                urgent=True,
            )  # fmt: skip


def of_indexes(indexes: Sequence[Row], server: Row) -> Iterator[Advice]:
    """Those that cannot be used, that another one covers, or that nobody asks. A partition's are
    its table's."""
    for index in indexes:
        name, size = index["name"], f"{index['bytes'] / (1 << 20):,.1f} MB"
        drop = f"DROP INDEX CONCURRENTLY {name}"
        if not index["valid"]:
            yield Advice(
                "invalid_index", name, "building it was cut off: it is written to, never read",
                f"{drop}, then attributary migrate", urgent=True,
            )  # fmt: skip
        elif index["needed"] or index["is_part"]:
            continue
        elif index["covered_by"]:
            found = f"{index['covered_by']} begins with its columns, {size}"
            yield Advice("duplicate_index", name, found, f"a migration with {drop}")
        elif (
            not index["scans"]
            and index["bytes"] >= UNUSED_BYTES
            and server["counted_days"] >= UNUSED_DAYS
        ):
            found = f"not asked once in {server['counted_days']} days, {size}"
            todo = f"if no replica and no rare job asks it: a migration with {drop}"
            yield Advice("unused_index", name, found, todo)


def as_json(found: Sequence[Advice]) -> list[dict[str, Any]]:
    """For a program."""
    return [asdict(advice) for advice in found]


def render(found: Sequence[Advice]) -> str:
    """Two lines each."""
    if not found:
        return "nothing to be done"
    return "\n".join(
        f"{'URGENT ' if a.urgent else ''}{a.kind} {a.about}: {a.found}\n    {a.todo}" for a in found
    )
