"""`analytics/attribution-webhook-queue`: webhooks are queued by Kafka here, and retried in place
by the engine. What is left for a job are orders, touches and events, the records that webhooks
become, that lie in the dead letters for a reason that can pass: each is put back, but no oftener
than a bound, and what stays is reported."""

import hashlib
from collections import Counter, defaultdict
from typing import Final

from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.replay import Selection, replay
from processors.schedule.store import Detail
from processors.schedule.tools import Tools
from schemas.dead_letter import DeadLetter
from schemas.topics import TOPICS

WEBHOOKS: Final = ("orders.v1", "touchpoints.v1", "pixel_events.v1")

Name = tuple[int, int, str]
Refusals = dict[tuple[str, bytes], list[Name]]
"""(group, digest of the record) -> the letters of it, oldest first: a record that is put back and
refused again has a new offset, and the same bytes."""


async def replay_webhooks(tools: Tools, tenant: str | None) -> Detail:
    """Put back what may pass; `left` counts by reason what lies there after it."""
    counts: Counter[str] = Counter()
    left: Counter[str] = Counter()
    async with tools.cluster() as cluster:
        for topic in WEBHOOKS:
            refusals = await _refusals(topic, tools, cluster, left)
            bound = tools.settings.webhook_queue_tries
            counts["given_up"] += sum(len(names) > bound for names in refusals.values())
            names = frozenset(n[-1] for n in refusals.values() if len(n) <= bound)
            if not names:
                continue
            done = await replay(
                Selection(topic, tenant=tenant, only=names),
                cluster=cluster,
                producer=tools.producer,
                db=tools.db,
            )
            counts["replayed"] += done.replayed
            counts["put_back_before"] += done.skipped
    return {
        "replayed": counts["replayed"],
        "put_back_before": counts["put_back_before"],
        "given_up": counts["given_up"],
        "left": dict(sorted(left.items())),
    }


async def _refusals(topic: str, tools: Tools, cluster: Cluster, left: Counter[str]) -> Refusals:
    """The letters of a topic whose reason can pass; the others are counted in `left`."""
    reasons = {name.strip() for name in tools.settings.webhook_queue_reasons.split(",")}
    refusals: Refusals = defaultdict(list)
    async for message in cluster.read_topic(TOPICS[topic].dead_letters):
        letter = decode(message).value
        if isinstance(letter, DeadLetter):
            if letter.reason in reasons:
                _note(refusals, letter)
            else:
                left[letter.reason] += 1
    return refusals


def _note(refusals: Refusals, letter: DeadLetter) -> None:
    text = f"{letter.key}\n{letter.value}"
    key = letter.group, hashlib.sha256(text.encode()).digest()
    name = (letter.partition, letter.offset, letter.group)
    if name not in refusals[key]:
        refusals[key].append(name)
