"""The batches' side of the fan-out: deliveries go from the topics into the queue."""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic

from processors.engine.context import Context
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Background, Item, Result
from processors.engine.vault import Vault
from processors.fanout import handle, store
from processors.fanout.accounts import Accounts
from processors.fanout.listener import Listener
from processors.fanout.patience import patiently
from processors.fanout.publisher import Publisher
from processors.fanout.sender import Sender
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Connector, Judging
from schemas.delivery import Delivery, Platform

NOT_CONNECTED = Drop("not_connected")
ERASED = Drop(handle.ERASED)
MEASURE_SECONDS = 15.0
MEASURE_SHARE = 20.0
"""A long queue takes long to count: it is then counted less often, a twentieth of the time."""
EXPIRING_MS = 3_600_000


class Fanout:
    """Copies deliveries into the queue and sends the queue of every platform."""

    def __init__(
        self,
        context: Context,
        *,
        connectors: Mapping[Platform, Connector],
        vault: Vault,
        settings: FanoutSettings,
    ) -> None:
        self._context = context
        self._connectors = connectors
        self._publisher = Publisher(context, settings)

        def accounts(platform: Platform) -> Accounts:
            return Accounts(
                platform,
                context.db,
                vault=vault,
                clock=context.clock,
                fresh_ms=round(settings.accounts_seconds * 1000),
            )

        self._senders: dict[str, Sender] = {
            platform: Sender(
                connector, context=context, settings=settings, accounts=accounts(platform)
            )
            for platform, connector in connectors.items()
        }
        self._listeners = [
            Listener(
                connector,
                connector,
                context=context,
                settings=settings,
                accounts=accounts(platform),
            )
            for platform, connector in connectors.items()
            if isinstance(connector, Judging)
        ]

    async def start(self) -> None:
        """Take what an earlier life of this replica left in doubt."""
        for sender in self._senders.values():
            await sender.recover()

    async def process(self, batch: Sequence[Item]) -> Result:
        """One transaction: the rows, the counts, the offsets."""
        wanted = [item.value for item in batch if isinstance(item.value, Delivery)]
        async with self._context.db.transaction() as conn:
            connected = await store.connected(conn, (d.tenant_id for d in wanted))
            gone = await store.erased(conn, wanted)
            new = await store.enqueue(
                conn,
                [d for d in wanted if self._refusal(d, connected, gone) is None],
                self._connectors,
                now_ms=self._context.clock(),
                traces=_traces(batch),
            )
            fresh = set(new)
            outcomes = [self._outcome(item, connected, gone, fresh) for item in batch]
            await self._context.progress.record(conn, batch, outcomes)
        for platform in {platform for _, platform, _, _ in new}:
            self._senders[platform].wake()
        return Result(outcomes)

    async def acknowledged(self, batch: Sequence[Item], result: Result) -> None:
        """Nothing waits for the offset."""

    def background(self) -> Sequence[Background]:
        """A sender for each platform, a listener where verdicts come later, the outcomes, and the
        size of the queue."""
        return [
            *(sender.run for sender in self._senders.values()),
            *(listener.run for listener in self._listeners),
            self._publisher.run,
            self._measure,
        ]

    async def stop(self) -> None:
        """Close the connections to the platforms."""
        for connector in self._connectors.values():
            await connector.close()

    def _refusal(
        self, delivery: Delivery, connected: set[tuple[str, str]], gone: set[tuple[str, str]]
    ) -> Outcome | None:
        """Why it does not enter the queue, or None."""
        if delivery.platform not in self._connectors:
            return NOT_CONNECTED
        if (delivery.tenant_id, delivery.platform) not in connected:
            return NOT_CONNECTED
        return None if gone.isdisjoint(handle.records(delivery)) else ERASED

    def _outcome(
        self,
        item: Item,
        connected: set[tuple[str, str]],
        gone: set[tuple[str, str]],
        fresh: set[store.Key],
    ) -> Outcome:
        """Applied the first time a key is met in the batch that brought it."""
        match item.value:
            case Dead() as dead:
                return dead
            case Delivery() as delivery:
                if (refusal := self._refusal(delivery, connected, gone)) is not None:
                    return refusal
                key = store.key_of(delivery)
                if key not in fresh:
                    return DUPLICATE
                fresh.remove(key)
                return APPLIED
            case other:
                return Dead("wrong_type", type(other).__name__)

    async def _measure(self) -> None:
        async def count() -> tuple[dict[tuple[str, str], int], dict[str, int]]:
            until = self._context.clock() + EXPIRING_MS
            async with self._context.db.connection() as conn:
                return await store.pending_counts(conn), await store.expiring_counts(conn, until)

        while True:
            started = monotonic()
            found, expiring = await patiently(count)
            took = monotonic() - started
            for platform in self._connectors:
                self._context.metrics.gauge(
                    "attributary_expiring_deliveries", expiring.get(platform, 0), platform=platform
                )
                for state in ("queued", "parked", "sending"):
                    self._context.metrics.gauge(
                        "attributary_delivery_queue",
                        found.get((platform, state), 0),
                        platform=platform,
                        state=state,
                    )
            await asyncio.sleep(max(MEASURE_SECONDS, MEASURE_SHARE * took))


def _traces(batch: Sequence[Item]) -> dict[store.Key, str]:
    """The traces of the deliveries that have one, of repeated ones the first."""
    found: dict[store.Key, str] = {}
    for item in batch:
        if item.message.traceparent is not None and isinstance(item.value, Delivery):
            found.setdefault(store.key_of(item.value), item.message.traceparent)
    return found
