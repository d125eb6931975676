"""Looking at every part at once, each within its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, Final

from processors.commands.doctor import (
    conservation,
    deliveries,
    gateway,
    groups,
    jobs,
    kafka,
    keys,
    letters,
    local,
    postgres,
)
from processors.commands.doctor.finding import Finding, Patient, Service, Severity
from processors.commands.operator import OperatorDatabase, OperatorSettings
from processors.engine.clock import Clock, wall_clock
from processors.engine.cluster import Cluster
from processors.engine.kafka import is_transient as kafka_is_away
from processors.engine.postgres import Database, NotLetIn
from processors.engine.postgres import is_transient as postgres_is_away
from processors.engine.settings import Incomplete

Look = Callable[[Patient], Awaitable[list[Finding]]]

CONNECT_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 6.0
_WEIGHT: Final[dict[Severity, int]] = {"critical": 0, "warning": 1, "note": 2, "ok": 3}

OF_ALL: Final[dict[str, Look]] = {"local": local.look, "gateway": gateway.look}
OF_THE_BROKERS: Final[dict[str, Look]] = {"kafka": kafka.look, "groups": groups.look}
OF_THE_DATABASE: Final[dict[str, Look]] = {
    "deliveries": deliveries.look,
    "jobs": jobs.look,
    "keys": keys.look,
    "conservation": conservation.look,
}
OF_BOTH: Final[dict[str, Look]] = {"letters": letters.look}


async def examine(
    gateways: Sequence[str], services: Sequence[Service] = (), *, clock: Clock = wall_clock
) -> list[Finding]:
    """All findings, the worst first; a part that does not answer is a finding, not an error.

    Args:
        gateways: their URLs.
        services: of the stack on this machine, if there is one.
    """
    async with _connected() as (db, cluster, found):
        patient = Patient(db=db, cluster=cluster, gateways=gateways, services=services, now=clock())
        current = db is not None
        if db is not None:
            seen = await _within("postgres", postgres.look, patient)
            found += seen
            current = not any("migrat" in finding.do for finding in seen)
        looks = dict(OF_ALL)
        looks |= OF_THE_BROKERS if cluster is not None else {}
        looks |= OF_THE_DATABASE if current else {}
        looks |= OF_BOTH if current and cluster is not None else {}
        parts = await asyncio.gather(*(_within(n, look, patient) for n, look in looks.items()))
        found += [finding for part in parts for finding in part]
    return sorted(found, key=lambda finding: _WEIGHT[finding.severity])


async def _within(part: str, look: Look, patient: Patient) -> list[Finding]:
    began = monotonic()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await look(patient)
    except Exception as error:
        if not (kafka_is_away(error) or postgres_is_away(error)):
            raise
        seconds = monotonic() - began
        why = f"no answer to {part} after {seconds:.0f} s ({type(error).__name__})"
        return [Finding("critical", part, why, "ask again: attributary doctor")]


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[Database | None, Cluster | None, list[Finding]]]:
    found: list[Finding] = []
    db, cluster = await asyncio.gather(_database(found), _cluster(found))
    try:
        yield db, cluster, found
    finally:
        if cluster is not None:
            await cluster.stop()
        if db is not None:
            await db.close()


async def _database(found: list[Finding]) -> Database | None:
    try:
        url = OperatorDatabase.load().database_url.get_secret_value()
        async with asyncio.timeout(CONNECT_SECONDS):
            return await Database.connect(url, application_name="attributary-doctor", max_size=4)
    except NotLetIn as error:
        found.append(Finding("critical", "postgres", str(error), "correct DATABASE_URL"))
    except Incomplete as error:
        found.append(Finding("critical", "postgres", str(error), "source .attributary/env"))
    except Exception as error:
        if not postgres_is_away(error):
            raise
        found.append(_silent("postgres", "Postgres", "DATABASE_URL", error))
    return None


async def _cluster(found: list[Finding]) -> Cluster | None:
    cluster = None
    try:
        settings = OperatorSettings.load()
        cluster = Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
        async with asyncio.timeout(CONNECT_SECONDS):
            await cluster.start()
        return cluster
    except Incomplete as error:
        if "KAFKA" in str(error):
            found.append(Finding("critical", "kafka", str(error), "source .attributary/env"))
    except Exception as error:
        if not kafka_is_away(error):
            raise
        found.append(_silent("kafka", "Kafka", "KAFKA_BOOTSTRAP_SERVERS", error))
    return None


def _silent(part: str, name: str, variable: str, error: Exception) -> Finding:
    text = f"{name} does not answer ({type(error).__name__}): see {variable}"
    return Finding(
        "critical", part, text, f"start it (attributary restart {part}), or correct {variable}"
    )


def as_json(found: Sequence[Finding]) -> dict[str, Any]:
    """The findings for a program."""
    return {
        "ok": not any(finding.is_wrong for finding in found),
        "findings": [finding.as_json() for finding in found],
    }


def render(found: Sequence[Finding], *, everything: bool = False) -> str:
    """A line each, and one more for what is to be done; what is well is only counted, unless
    `everything` is asked for."""
    lines = []
    for finding in found:
        if finding.severity == "ok" and not everything:
            continue
        since = f" (since {finding.since:%Y-%m-%d %H:%M:%S} UTC)" if finding.since else ""
        lines.append(f"{finding.severity:<8} {finding.part}: {finding.text}{since}")
        if finding.do:
            lines.append(f"         -> {finding.do}")
    well = sum(finding.severity == "ok" for finding in found)
    wrong = sum(finding.is_wrong for finding in found)
    return "\n".join([*lines, f"{wrong} things are wrong, {well} are well"])
