"""`rebuild`: every table again from THE LOG, with nothing delivered twice.

Claims and the ledger are restored from `delivery_outcomes.v1` first; then the groups that read
the log start at the beginning, and those that read what is derived from it at the end, since all
of that is produced again. Control tables (tenants, keys, credentials, roles) are no results: they
stay, or are carried over from the old database.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import sql
from processors.commands.operator import OperatorSettings, Refused, database
from processors.domain.ids import conversion_id, purchase_event_id
from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.kafka import is_transient
from processors.engine.postgres import Connection, Database
from processors.engine.processor import Message
from processors.registry import PROCESSORS
from schemas.delivery_outcome import DeliveryOutcome
from schemas.topics import SOURCES

QUERIES = sql.load("rebuild")
CONTROL = (
    "tenants", "api_keys", "webhook_sources", "platform_connections", "analysts", "users",
    "user_tenants", "pixel_alert_configs",
    "creative_saved_views", "competitor_benchmarks", "person_keys", "person_erasures",
)  # fmt: skip
CHUNK = 5_000
EMPTY_WITHIN_SECONDS = 60

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was restored before the log is read again."""

    outcomes: int
    groups: dict[str, str]


async def rebuild(*, source: str | None, wipe: bool, say: Say) -> Rebuilt:
    """Prepare the database of the environment; start the processors afterwards.

    Args:
        source: URL of the old database, whose control tables are carried over.
        wipe: empty the results of this database first.

    Raises:
        Refused: when the database has results and `wipe` is not given, or processors still run.
    """
    settings = OperatorSettings.load()
    async with (
        database() as db,
        Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster,
    ):
        async with db.connection() as conn:
            for name in await sql.migrate(conn):  # type: ignore[arg-type]
                say(f"applied {name}")
        if source is not None:
            await _carry_control(source, db)
        await _stopped(cluster, say)
        async with db.transaction() as conn:
            if await conn.fetchval(QUERIES["is_used"]):
                if not wipe:
                    raise Refused("this database has results: give --wipe, or use an empty one")
                await conn.execute(QUERIES["wipe"])
                await conn.execute(QUERIES["new_epoch"])
        await _note_ends(cluster, db)
        count = await _restore(cluster, db)
        say(f"restored {count} delivery outcomes")
        return Rebuilt(count, await _reset(cluster))


async def rewind(*, say: Say) -> dict[str, str]:
    """`replay log`: the groups that read the log go back to its beginning; tables stay.

    Raises:
        Refused: when processors still run.
    """
    settings = OperatorSettings.load()
    moved: dict[str, str] = {}
    async with Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster:
        await _stopped(cluster, say)
        for spec in PROCESSORS.values():
            logged = [topic for topic in spec.inputs if topic in SOURCES]
            if logged:
                await cluster.reset(spec.name, logged, to="beginning")
                moved[spec.name] = f"beginning of {', '.join(logged)}"
    return moved


async def _note_ends(cluster: Cluster, db: Database) -> None:
    """Nothing is routed before identity has read so far: a decision about consent may be ahead."""
    logged = [topic for topic in PROCESSORS["identity"].inputs if topic in SOURCES]
    ends = await cluster.end_offsets(logged)
    begins = await cluster.begin_offsets(logged)
    rows = [(*place, end) for place, end in sorted(ends.items()) if begins[place] < end]
    async with db.transaction() as conn:
        await conn.execute(QUERIES["forget_ends"])
        if rows:
            await conn.execute(QUERIES["note_ends"], *map(list, zip(*rows, strict=True)))


async def _carry_control(source: str, db: Database) -> None:
    old = await Database.connect(source, application_name="attributary-rebuild", max_size=1)
    try:
        async with old.connection() as before, db.transaction() as after:
            for table in CONTROL:
                await _copy(before, after, table)
    finally:
        await old.close()


async def _copy(before: Connection, after: Connection, table: str) -> None:
    """Both databases have the same migrations, so the columns are the same."""
    rows = await before.fetch(f"SELECT * FROM {table}")  # noqa: S608 (a name of CONTROL)
    if rows:
        names = list(rows[0].keys())
        marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        await after.executemany(insert, [tuple(row.values()) for row in rows])


async def _stopped(cluster: Cluster, say: Say) -> None:
    """Wait until no group has a member: a static one leaves when its session ends."""
    deadline = asyncio.get_running_loop().time() + EMPTY_WITHIN_SECONDS
    told = False
    while busy := await _busy(cluster):
        if asyncio.get_running_loop().time() > deadline:
            raise Refused(f"still running: {', '.join(busy)}; stop the processors first")
        if not told:
            say(f"waiting for {', '.join(busy)} to leave their groups")
            told = True
        await asyncio.sleep(0.5)


async def _busy(cluster: Cluster) -> list[str]:
    """Groups with members; a young broker is still looking for who keeps them, and cannot tell."""
    try:
        return await cluster.busy(PROCESSORS)
    except Exception as error:
        if not is_transient(error):
            raise
        return list(PROCESSORS)


async def _restore(cluster: Cluster, db: Database) -> int:
    latest: dict[tuple[str, str, str, str], tuple[Message, DeliveryOutcome]] = {}
    async for message in cluster.read_topic("delivery_outcomes.v1"):
        found = decode(message).value
        if isinstance(found, DeliveryOutcome):
            key = (found.tenant_id, found.platform, found.event_id, found.kind)
            latest[key] = (message, found)
    rows = [latest[key] for key in sorted(latest)]
    async with db.transaction() as conn:
        for start in range(0, len(rows), CHUNK):
            await _restore_chunk(conn, rows[start : start + CHUNK])
        await conn.execute(QUERIES["restore_dead"])
    return len(rows)


def _retracted(outcome: DeliveryOutcome) -> str | None:
    """The conversion that a retraction is of."""
    if outcome.kind == "event" or outcome.order_id is None:
        return None
    return conversion_id(outcome.tenant_id, outcome.source or "api", outcome.order_id)


def _purchase(outcome: DeliveryOutcome) -> str | None:
    """The id of the purchase that a retraction follows."""
    if outcome.kind == "event" or outcome.order_id is None:
        return None
    return purchase_event_id(
        tenant=outcome.tenant_id,
        source=outcome.source or "api",
        order_id=outcome.order_id,
        platform=outcome.platform,
    )


async def _restore_chunk(conn: Connection, rows: list[tuple[Message, DeliveryOutcome]]) -> None:
    keys = [
        [o.tenant_id for _, o in rows],
        [o.platform for _, o in rows],
        [o.event_id for _, o in rows],
        [o.kind for _, o in rows],
    ]
    await conn.execute(
        QUERIES["restore_claims"],
        *keys,
        [m.partition for m, _ in rows],
        [m.offset for m, _ in rows],
        [o.occurred_at for _, o in rows],
        [_retracted(o) for _, o in rows],
        [None if o.kind == "event" else o.value or 0 for _, o in rows],
        [o.turn for _, o in rows],
    )
    await conn.execute(
        QUERIES["restore_ledger"],
        *keys,
        [o.event_name for _, o in rows],
        [o.order_id for _, o in rows],
        [o.occurred_at for _, o in rows],
        [o.state for _, o in rows],
        [o.attempts for _, o in rows],
        [o.finished_at for _, o in rows],
        [o.http_status for _, o in rows],
        [o.error for _, o in rows],
        [o.turn for _, o in rows],
        [_purchase(o) for _, o in rows],
    )


async def _reset(cluster: Cluster) -> dict[str, str]:
    groups: dict[str, str] = {}
    for spec in PROCESSORS.values():
        logged = [topic for topic in spec.inputs if topic in SOURCES]
        derived = [topic for topic in spec.inputs if topic not in SOURCES]
        if derived:
            await cluster.reset(spec.name, derived, to="end")
        if logged:
            await cluster.reset(spec.name, logged, to="beginning")
        groups[spec.name] = "beginning" if logged and not derived else "end of what is derived"
    return groups
