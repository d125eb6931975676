"""Whether a drained drill went well, by five witnesses; what is wrong, in words."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from deploy.demo import judge
from deploy.drills import purchases
from deploy.drills.fault import Struck
from deploy.drills.field import StackField
from deploy.drills.receipts import Receipts
from deploy.local.statefile import Condition
from processors.engine.cluster import Cluster
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS, TOPICS

EACH_FROM: Final = 200_000
"""Events from which the oracle takes a tenant at a time."""
_ORACLE_SECONDS: Final = 7_200.0
_SHOWN: Final = 40

Letter = tuple[str, str, int, int]
"""Group, topic, partition, offset."""


@dataclass(slots=True)
class Verdict:
    """What each witness found wrong, and how long it took to say so."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether nobody found anything."""
        return not any(self.wrong.values())


async def reach(
    stack: StackField,
    receipts: Receipts,
    struck: Sequence[Struck],
    *,
    events: int,
    restarts: Mapping[str, int],
) -> Verdict:
    """Ask them all; `restarts` of each process when it had recovered from the last strike."""
    verdict = Verdict()

    async def ask(name: str, witness: Callable[[], Awaitable[Iterable[str]]]) -> None:
        began = monotonic()
        verdict.wrong[name] = list(await witness())[:_SHOWN]
        verdict.seconds[name] = round(monotonic() - began, 1)

    async def oracle() -> list[str]:
        options = ("--each",) if events >= EACH_FROM else ()
        environment = dict(stack.environment)
        return await asyncio.to_thread(
            judge.of_oracle, environment, *options, seconds=_ORACLE_SECONDS
        )

    async def promises() -> list[str]:
        async with Cluster(stack.bootstrap) as cluster:
            return await receipts.broken(cluster)

    async def letters() -> list[str]:
        async with Cluster(stack.bootstrap) as cluster:
            return _letters(await _dead(cluster), struck)

    await ask("receipts", promises)
    await ask("conservation", lambda: _conserved(stack))
    await ask("dead letters", letters)
    await ask("platforms", lambda: purchases.faults(stack.environment))
    await ask("oracle", oracle)
    await ask("processes", lambda: _steady(stack, restarts))
    return verdict


async def _conserved(stack: StackField) -> list[str]:
    report = json.loads(await stack.command("conserve", "--json", check=False) or "{}")
    return list(report.get("faults", ["conserve said nothing"]))


async def _dead(cluster: Cluster) -> dict[Letter, str]:
    """The reason of every dead letter."""
    found: dict[Letter, str] = {}
    for topic in DEAD_LETTERS:
        async for message in cluster.read_topic(topic):
            if message.value:
                row = DeadLetter.model_validate_json(message.value)
                found[row.group, row.topic, row.partition, row.offset] = row.reason
    return found


def _letters(found: dict[Letter, str], struck: Sequence[Struck]) -> list[str]:
    """Exactly the poison is dead, at each of its readers, and with a reason."""
    expected = {
        (group, topic, partition, offset)
        for strike in struck
        for topic, partition, offset in strike.left.dead
        for group in TOPICS[topic].consumers
    }
    wrong = [f"{letter} has no reason" for letter, reason in found.items() if not reason]
    wrong += [
        f"{letter} is no dead letter, though it is poison" for letter in expected - set(found)
    ]
    others = Counter(
        (letter[0], letter[1], reason) for letter, reason in found.items() if letter not in expected
    )
    for (group, topic, reason), count in sorted(others.items()):
        wrong.append(f"{group} could not apply {count:,} records of {topic}: {reason}")
    return wrong


async def _steady(stack: StackField, before: Mapping[str, int]) -> list[str]:
    """All run, and none has ended since the last strike was recovered from."""
    wrong = [f"{name} is not ready" for name in await stack.not_ready()]
    for row in stack.rows():
        if row.condition is Condition.BACKOFF or row.restarts > before[row.name]:
            wrong.append(f"{row.name} keeps ending ({row.last_exit}): {row.log}")
    return wrong
