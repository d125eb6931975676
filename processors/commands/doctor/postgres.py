"""Postgres: migrations, connections, transactions that hold others up, replicas, clock, upkeep."""

from typing import Final

import sql
from processors.commands import advise
from processors.commands.doctor.finding import Finding, Patient
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("doctor")
PART: Final = "postgres"
SKEW_MS: Final = 2_000
FULL_SHARE: Final = 0.8
REPLAY_SECONDS: Final = 60
SLOT_BYTES: Final = 1 << 30


async def look(patient: Patient) -> list[Finding]:
    """All of it, on one connection."""
    assert patient.db is not None
    async with patient.db.connection() as conn:
        found = [Finding("ok", PART, "Postgres answers"), await _migrations(conn)]
        found += await _server(conn)
        found += [_held(row) for row in await conn.fetch(QUERIES["long_transactions"])]
        found += [_blocking(row) for row in await conn.fetch(QUERIES["blocking"])]
        found += [_replica(row) for row in await conn.fetch(QUERIES["replicas"])]
        found += [_slot(row) for row in await conn.fetch(QUERIES["slots"])]
        found += [_archiver(row) for row in await conn.fetch(QUERIES["archiver"])]
        urgent = [one for one in await advise.asked(conn) if one.urgent]
        found += [
            Finding("warning", PART, f"{one.about}: {one.found}", f"psql: {one.todo}")
            for one in urgent
        ]
    return found


async def _migrations(conn: Connection) -> Finding:
    there = await conn.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
    rows = await conn.fetch("SELECT name, checksum FROM schema_migrations") if there else []
    done = {row["name"]: row["checksum"] for row in rows}
    known = [name for name, _ in sql.migrations()]
    if missing := [name for name in known if name not in done]:
        text = f"{len(missing)} migrations are missing, from {missing[0]} on"
        return Finding("critical", PART, text, "attributary migrate")
    if newer := sorted(done.keys() - {*known, sql.VIEWS}):
        text = f"the database is of a newer release ({newer[-1]} is not known here)"
        return Finding("warning", PART, text, "run the release that made it")
    if done.get(sql.VIEWS) != sql.views_checksum():
        return Finding("critical", PART, "its views are another release's", "attributary migrate")
    return Finding("ok", PART, "the database is up to date")


async def _server(conn: Connection) -> list[Finding]:
    before = wall_clock()
    row = await conn.fetchrow(QUERIES["server"])
    after = wall_clock()
    assert row is not None
    found = []
    usable = row["most"] - row["reserved"]
    text = f"{row['used']} of {usable} connections are used"
    if row["used"] >= FULL_SHARE * usable:
        do = "raise max_connections, or run fewer replicas or smaller pools"
        found.append(Finding("warning", PART, text, do))
    else:
        found.append(Finding("ok", PART, text))
    if row["standby"]:
        do = "let DATABASE_URL name the primary, or promote: SELECT pg_promote()"
        found.append(Finding("critical", PART, "it is a standby, which takes no writes", do))
    skew = row["clock_ms"] - (before + after) // 2
    if abs(skew) > SKEW_MS + (after - before):
        text = f"its clock is {skew / 1_000:+.1f} s from this machine's"
        found.append(Finding("warning", "clock", text, "mend the time service (chronyc tracking)"))
    else:
        found.append(Finding("ok", "clock", "this machine and Postgres agree on the time"))
    return found


def _held(row: Row) -> Finding:
    who = row["application_name"] or "somebody"
    text = f"a transaction of {who} (pid {row['pid']}, {row['state']}) keeps dead rows from vacuum"
    do = f"psql: SELECT pg_terminate_backend({row['pid']})"
    return Finding("warning", PART, text, do, row["since"])


def _blocking(row: Row) -> Finding:
    who = row["application_name"] or "somebody"
    text = f"{row['n']} sessions wait for {who} (pid {row['pid']}, {row['state']})"
    do = f"psql: SELECT pg_terminate_backend({row['pid']})"
    return Finding("warning", PART, text, do, row["since"])


def _replica(row: Row) -> Finding:
    behind = f"{row['bytes'] / (1 << 20):,.1f} MB, {row['seconds']:.0f} s"
    text = f"replica {row['name']} is {row['state']}, {behind} behind"
    if row["state"] == "streaming" and row["seconds"] < REPLAY_SECONDS:
        return Finding("ok", PART, text)
    return Finding("warning", PART, text, "look at the replica's log")


def _slot(row: Row) -> Finding:
    text = f"nobody reads slot {row['name']}, for which {row['bytes'] / (1 << 20):,.0f} MB are kept"
    do = f"start its reader, or psql: SELECT pg_drop_replication_slot('{row['name']}')"
    return Finding("critical" if row["bytes"] > SLOT_BYTES else "warning", PART, text, do)


def _archiver(row: Row) -> Finding:
    text = f"WAL is not archived ({row['last_failed_wal']} failed)"
    return Finding("critical", PART, text, "mend archive_command", row["since"])
