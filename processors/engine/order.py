"""Proof that an engine skips nothing: each batch must begin where the one before it ended.

A client library that drops what it had buffered over a rebalance, or acks what it never delivered,
loses records without a word. Here a record that comes before its turn stops the process; the next
one starts from what is committed. Repetitions are fine. Where a partition begins is asked of the
brokers after each assignment: what the group has committed, or the first record there is. Where
offsets are missing the brokers are asked, too: a hole in the log itself is none of ours.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from processors.engine.cluster import Cluster
from processors.engine.cycle import Patience
from processors.engine.processor import Message
from processors.engine.pulse import Place
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec

log = logging.getLogger(__name__)


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
                first = await self._patience.until_done(
                    "offsets", partial(self._first, place, following), give_up=give_up
                )
                if first is not None and first < message.offset:
                    raise Skipped(
                        f"{message.topic}/{message.partition}: {message.offset} came, not {first}"
                    )
            expected[place] = max(following, message.offset + 1)

    async def _ask(self) -> dict[Place, int]:
        async with self._cluster() as cluster:
            begins = await cluster.begin_offsets(self._spec.inputs)
            committed = await cluster.committed(self._spec.name)
        for place, begin in begins.items():
            _tell_gone(place, committed.get(place, begin), begin)
        return {place: max(begin, committed.get(place, 0)) for place, begin in begins.items()}

    async def _first(self, place: Place, following: int) -> int | None:
        """The offset of the first record that the brokers have from `following` on."""
        async with self._cluster() as cluster:
            begin = (await cluster.begin_offsets([place[0]]))[place]
            _tell_gone(place, following, begin)
            return await cluster.first_from(place, max(begin, following))

    def _cluster(self) -> Cluster:
        settings = self._settings
        return Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)


def _tell_gone(place: Place, following: int, begin: int) -> None:
    """Nobody can read them any more, but nobody should have to find that out alone."""
    if following < begin:
        topic, partition = place
        log.error(
            "records were deleted before they were read; raise the topic's retention",
            extra={"topic": topic, "partition": partition, "from": following, "to": begin},
        )
