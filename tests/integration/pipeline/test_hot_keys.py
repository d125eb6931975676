"""Touches and events of one visitor may lie in any partition: replicas that read them at once end
as the oracle says, so a key that outruns its partition may go round all of them."""

import random
from contextlib import AsyncExitStack

import pytest

from processors.engine import codec
from processors.engine.postgres import Database
from processors.gateway.hotkeys import SPREAD
from tests.integration.pipeline.races import tenants
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import EVERY, NOW, Crew, Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read
from tests.support.told import told

FEW_VISITORS = Size(tenants=2, visitors=4, customers=3, touches=30, events=20, orders=8,
                    commands=6, purchases=4, spend=2)  # fmt: skip


@pytest.mark.parametrize(("replicas", "crashes"), [(2, 0.02), (4, 0.0)])
async def test_records_of_a_visitor_in_any_partition_end_as_the_oracle_says(
    database: str, replicas: int, crashes: float
) -> None:
    rng = random.Random(f"{replicas} {crashes}")
    connections = await tenants(database, FEW_VISITORS.tenants)
    log = random_log(rng, FEW_VISITORS)
    async with AsyncExitStack() as stack:
        pools = []
        for number in range(replicas):
            db = await Database.connect(
                database,
                role="attributary_processor",
                application_name=f"crew-{number}",
                max_size=12,
            )
            stack.push_async_callback(db.close)
            pools.append(db)
        pipeline = Pipeline(pools[0])
        homeless = 0
        for topic, record in log:
            key = codec.key(topic, record)
            anywhere = rng.choice(sorted(EVERY)) if topic in SPREAD else None
            at = getattr(record, "received_at", NOW)
            homeless += topic in SPREAD
            pipeline.broker.produce(topic, key, codec.encode(record), at, anywhere)
        crew = Crew(pipeline, crashes=crashes)
        await crew.drain(rng, pools, most=rng.choice([8, 20, 60]))
    assert homeless >= FEW_VISITORS.touches
    assert (crew.died > 0) == (crashes > 0)
    expected = served(log_of(log), connections=connections)
    found = told(await read(database), pipeline.broker)
    assert diff(expected, found) == []
