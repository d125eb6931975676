"""`doctor`: every part looked at once, with what to do about what is wrong."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

import sql
from processors.commands.keys import ID_LENGTH
from processors.commands.lag import lag
from processors.commands.operator import OperatorDatabase, OperatorSettings
from processors.engine import kafka, postgres
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database, Row
from processors.engine.settings import Incomplete
from processors.registry import PROCESSORS
from schemas.topics import DEAD_LETTERS, TOPICS

SECONDS = 5.0
QUERIES = sql.load("operations")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    text: str

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


async def examine(gateways: Sequence[str]) -> list[Finding]:
    """All findings; a part that does not answer is a finding, not an error."""
    found = [finding async for finding in _postgres()]
    found += [finding async for finding in _kafka()]
    return found + [await _gateway(url) for url in gateways]


async def _postgres() -> AsyncIterator[Finding]:
    try:
        url = OperatorDatabase.load().database_url.get_secret_value()
        db = await Database.connect(url, application_name="attributary-doctor", max_size=1)
    except Incomplete as error:
        yield Finding(False, str(error))
        return
    except Exception as error:
        if not postgres.is_transient(error):
            raise
        yield Finding(False, f"Postgres does not answer ({type(error).__name__}): see DATABASE_URL")
        return
    try:
        async with db.connection() as conn:
            there = await conn.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
            done = (
                {row["name"] for row in await conn.fetch("SELECT name FROM schema_migrations")}
                if there
                else set()
            )
        missing = [name for name, _ in sql.migrations() if name not in done]
        yield Finding(True, "Postgres answers")
        yield (
            Finding(False, f"{len(missing)} migrations are missing: attributary migrate")
            if missing
            else Finding(True, "the database is up to date")
        )
        if not missing:
            async with db.connection() as conn:
                yield _shared(await conn.fetch(QUERIES["quarantined_ids"]))
                yield _open(await conn.fetch(QUERIES["open_browser_keys"]))
    finally:
        await db.close()


def _shared(rows: Sequence[Row]) -> Finding:
    """Ids in quarantine are no fault, but their number tells of one in what a shop sends."""
    told = ", ".join(f"{row['tenant_id']} {row['n']}" for row in rows)
    return Finding(True, f"ids shared by too many to join anybody: {told or 'none'}")


def _open(rows: Sequence[Row]) -> Finding:
    """A key that any page may use is no fault either: the shop's own page may be anywhere."""
    told = ", ".join(f"{row['tenant_id']} {row['key_sha256'][:ID_LENGTH]}" for row in rows)
    return Finding(True, f"browser keys that any page may use (key set --origin): {told or 'none'}")


async def _kafka() -> AsyncIterator[Finding]:
    try:
        settings = OperatorSettings.load()
    except Incomplete as error:
        yield Finding(False, str(error))
        return
    try:
        cluster = Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
        await cluster.start()
    except Incomplete as error:
        yield Finding(False, str(error))
        return
    except Exception as error:
        if not kafka.is_transient(error):
            raise
        name = type(error).__name__
        yield Finding(False, f"Kafka does not answer ({name}): see KAFKA_BOOTSTRAP_SERVERS")
        return
    try:
        yield Finding(True, "Kafka answers")
        if missing := await cluster.missing([*TOPICS, *DEAD_LETTERS]):
            yield Finding(False, f"topics are missing ({', '.join(missing)}): attributary topics")
            return
        yield Finding(True, "every topic is there")
        idle = [name for name in PROCESSORS if not await cluster.busy([name])]
        yield (
            Finding(False, f"not running: {', '.join(idle)}; start with: attributary run NAME")
            if idle
            else Finding(True, "every processor has a member in its group")
        )
        behind = sum(row.lag for row in (await lag(cluster=cluster)).rows)
        yield Finding(True, f"{behind} records wait (attributary lag)")
    except Exception as error:
        if not kafka.is_transient(error):
            raise
        # A broker that has just started knows of no group's coordinator for a while.
        yield Finding(False, f"Kafka is not ready ({type(error).__name__}): ask again in a minute")
    finally:
        await cluster.stop()


async def _gateway(url: str) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.get(f"{url}/readyz")
    except httpx.HTTPError as error:
        return Finding(False, f"the gateway at {url} does not answer ({type(error).__name__})")
    return Finding(answer.status_code == 200, f"the gateway at {url} says {answer.status_code}")
