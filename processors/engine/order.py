"""Proof that an engine skips nothing: each batch must begin where the one before it ended.

A client library that drops what it had buffered over a rebalance, or acks what it never delivered,
loses records without a word. Here a record that comes before its turn stops the process; the next
one starts from what is committed. Repetitions are fine. Where a partition begins is asked of the
brokers after each assignment: what the group has committed, or the first record there is.
"""

from collections.abc import Callable, Sequence

from processors.engine.cluster import Cluster
from processors.engine.cycle import Patience
from processors.engine.processor import Message
from processors.engine.pulse import Place
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec


class Skipped(Exception):
    """A record is missing before this one."""


class Order:
    """The offset that must come next, for each partition."""

    def __init__(self, spec: Spec, settings: EngineSettings, *, patience: Patience) -> None:
        self._spec = spec
        self._settings = settings
        self._patience = patience
        self._expected: dict[Place, int] | None = None

    def forget(self) -> None:
        """Partitions moved: ask again."""
        self._expected = None

    async def check(
        self, messages: Sequence[Message], *, give_up: Callable[[], bool] = lambda: False
    ) -> None:
        """Note a batch that is about to be worked on.

        Raises:
            Skipped: when a record is missing.
            Abandoned: when `give_up` said so while the brokers were away.
        """
        expected = self._expected
        if expected is None:
            expected = await self._patience.until_done("offsets", self._ask, give_up=give_up)
            self._expected = expected
        for message in messages:
            place = (message.topic, message.partition)
            following = expected.get(place, 0)
            if message.offset > following:
                raise Skipped(
                    f"{message.topic}/{message.partition}: {message.offset} came, not {following}"
                )
            expected[place] = max(following, message.offset + 1)

    async def _ask(self) -> dict[Place, int]:
        settings = self._settings
        cluster = Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
        async with cluster:
            begins = await cluster.begin_offsets(self._spec.inputs)
            committed = await cluster.committed(self._spec.name)
        return {place: max(begin, committed.get(place, 0)) for place, begin in begins.items()}
