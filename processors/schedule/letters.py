"""`analytics/attribution-webhook-queue`: webhooks are queued by Kafka here, and retried in place
by the engine. What is left for a job are orders that lie in the dead letters for a reason that can
pass: each is put back, but no oftener than a bound, and what stays is reported."""

import hashlib
from collections import Counter, defaultdict
from typing import Final

from processors.engine.codec import decode
from processors.engine.replay import Selection, replay
from processors.schedule.store import Detail
from processors.schedule.tools import Tools
from schemas.dead_letter import DeadLetter
from schemas.topics import TOPICS

TOPIC: Final = "orders.v1"

Name = tuple[int, int, str]
Refusals = dict[tuple[str, bytes], list[Name]]
"""(group, digest of the record) -> the letters of it, oldest first: a record that is put back and
refused again has a new offset, and the same bytes."""


async def replay_webhooks(tools: Tools, tenant: str | None) -> Detail:
    """Put back what may pass; `left` counts by reason what lies there after it."""
    reasons = {name.strip() for name in tools.settings.webhook_queue_reasons.split(",")}
    refusals: Refusals = defaultdict(list)
    left: Counter[str] = Counter()
    async with tools.cluster() as cluster:
        async for message in cluster.read_topic(TOPICS[TOPIC].dead_letters):
            letter = decode(message).value
            if isinstance(letter, DeadLetter):
                if letter.reason in reasons:
                    _note(refusals, letter)
                else:
                    left[letter.reason] += 1
        bound = tools.settings.webhook_queue_tries
        spent = sum(len(names) > bound for names in refusals.values())
        names = frozenset(n[-1] for n in refusals.values() if len(n) <= bound)
        done = await replay(
            Selection(TOPIC, tenant=tenant, only=names),
            cluster=cluster,
            producer=tools.producer,
            db=tools.db,
        )
    return {
        "replayed": done.replayed,
        "put_back_before": done.skipped,
        "given_up": spent,
        "left": dict(sorted(left.items())),
    }


def _note(refusals: Refusals, letter: DeadLetter) -> None:
    text = f"{letter.key}\n{letter.value}"
    key = letter.group, hashlib.sha256(text.encode()).digest()
    name = (letter.partition, letter.offset, letter.group)
    if name not in refusals[key]:
        refusals[key].append(name)
