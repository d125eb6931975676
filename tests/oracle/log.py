"""THE LOG as plain dicts: from a broker, or from records that a test just made.

Bytes that the contract's model refuses are dead letters to the pipeline; they have no effect on
any served table, and are left out here.
"""

import asyncio
from collections.abc import Iterable, Iterator

from aiokafka import AIOKafkaConsumer
from pydantic import ValidationError

from schemas.envelope import Frozen
from schemas.topics import SOURCES, TOPICS
from tests.oracle.words import Json

Log = dict[str, list[Json]]
_BATCH_MS = 500
_PATIENCE_SECONDS = 300


async def read_log(bootstrap: str, prefix: str) -> Log:
    """Every record of the five source topics, up to the end offsets at the time of the call.

    Raises:
        UnknownTopicOrPartitionError: when one of the topics is not there.
        TimeoutError: when the broker does not give what its end offsets promise.
    """
    values = await read_values(bootstrap, prefix)
    return {name: list(decoded(name, (value for _, value in values[name]))) for name in SOURCES}


async def read_values(bootstrap: str, prefix: str) -> dict[str, list[tuple[str, bytes]]]:
    """The tenant and the bytes of every record, by source topic; as `read_log` otherwise."""
    # Without a group the consumer is given every partition of the topics it names.
    consumer = AIOKafkaConsumer(
        *(prefix + name for name in SOURCES),
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            values = await _values(consumer)
    finally:
        await consumer.stop()
    return {name: values[prefix + name] for name in SOURCES}


async def _values(consumer: AIOKafkaConsumer) -> dict[str, list[tuple[str, bytes]]]:
    """Of each topic, all partitions."""
    ends = await consumer.end_offsets(sorted(consumer.assignment()))
    values: dict[str, list[tuple[str, bytes]]] = {place.topic: [] for place in ends}
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for place, records in (await consumer.getmany(timeout_ms=_BATCH_MS)).items():
            values[place.topic] += [
                ((r.key or b"").decode().partition("|")[0], r.value)
                for r in records
                if r.offset < ends[place] and r.value is not None
            ]
    return values


def decoded(topic: str, values: Iterable[bytes]) -> Iterator[Json]:
    """Those of the values that are records of the topic, with every default filled in."""
    model = TOPICS[topic].model
    for value in values:
        try:
            yield model.model_validate_json(value).model_dump(mode="json")
        except ValidationError:
            continue


def log_of(records: Iterable[tuple[str, Frozen]]) -> Log:
    """The log that holds these (topic, record) pairs."""
    log: Log = {name: [] for name in SOURCES}
    for topic, record in records:
        log[topic].append(record.model_dump(mode="json"))
    return log


def tenants(log: Log) -> list[str]:
    """Every tenant that has a record."""
    return sorted({record["tenant_id"] for records in log.values() for record in records})


def of_tenant(log: Log, tenant: str) -> Log:
    """The log of one tenant."""
    return {
        topic: [record for record in records if record["tenant_id"] == tenant]
        for topic, records in log.items()
    }


def events(log: Log) -> list[Json]:
    """Records of pixel_events.v1 that have effects: the key that they came by let them."""
    return [event for event in log["pixel_events.v1"] if event["filtered"] is None]


def is_real(order: Json) -> bool:
    """Whether a record of orders.v1 has effects: no test order, no webhook of another topic."""
    return not order["test"] and order["unknown_topic"] is None
