"""`dlq` and `replay`: what could not be applied or delivered, and putting it back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from processors.commands.operator import OperatorSettings, database
from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.kafka import Producer
from processors.engine.replay import Report, Selection, replay
from processors.fanout import store as deliveries
from processors.gateway.quarantine import TOPIC as REFUSED
from schemas.dead_letter import DeadLetter
from schemas.refused_item import RefusedItem
from schemas.topics import DEAD_LETTERS

NOT_KEPT: Final = "(not kept)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Dead letters by (topic, group, reason), deliveries that ended unaccepted by
    (platform, reason), and refusals of the gateway by (route, kind, field)."""

    records: dict[tuple[str, str, str], int]
    deliveries: dict[tuple[str, str], int]
    refused: dict[tuple[str, str, str], int]


async def waiting() -> Waiting:
    """Count what lies in the dead letters, replayed or not."""
    settings = OperatorSettings.load()
    counts: Counter[tuple[str, str, str]] = Counter()
    refused: Counter[tuple[str, str, str]] = Counter()
    async with (
        database() as db,
        Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster,
    ):
        for name in DEAD_LETTERS:
            async for message in cluster.read_topic(name):
                letter = decode(message).value
                if isinstance(letter, DeadLetter):
                    counts[letter.topic, letter.group, letter.reason] += 1
        async for message in cluster.read_topic(REFUSED):
            item = decode(message).value
            if isinstance(item, RefusedItem):
                refused[item.route, item.kind, item.field] += 1
                refused[item.route, item.kind, NOT_KEPT] += item.suppressed
        async with db.connection() as conn:
            dead = await deliveries.dead_counts(conn)
    return Waiting(dict(counts), dead, dict(+refused))


async def replay_letters(selection: Selection, *, dry_run: bool, per_second: float) -> Report:
    """Put dead letters back on their topic, exactly as they were."""
    settings = OperatorSettings.load()
    producer = Producer(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
    async with (
        database() as db,
        Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster,
    ):
        await producer.start()
        try:
            return await replay(
                selection,
                cluster=cluster,
                producer=producer,
                db=db,
                dry_run=dry_run,
                per_second=per_second,
            )
        finally:
            await producer.stop()


async def requeue(
    *,
    platform: str | None,
    tenant: str | None,
    reason: str | None,
    event_ids: Sequence[str] | None = None,
    kind: str | None = None,
    limit: int | None = None,
    per_second: float = 1_000.0,
    dry_run: bool,
) -> int:
    """Queue deliveries again that ended unaccepted, under the same event id."""
    async with database() as db, db.transaction() as conn:
        return await deliveries.requeue(
            conn,
            platform=platform,
            tenant=tenant,
            reason=reason,
            event_ids=event_ids,
            kind=kind,
            limit=limit,
            per_second=per_second,
            dry_run=dry_run,
        )
