"""Law 7: the drained log equals the batch oracle, whatever the order, crashes and repetitions."""

import random

import pytest

from processors.engine.postgres import Database
from tests.integration.pipeline.races import tenants
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read
from tests.support.told import told

SMALL = Size(tenants=2, visitors=12, customers=5, touches=25, events=15, orders=10, commands=10,
             purchases=6, spend=4)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("crashes", [0.0, 0.08])
async def test_a_random_log_in_any_order_ends_as_the_oracle_says(
    database: str, seed: int, crashes: float
) -> None:
    rng = random.Random(seed)
    connections = await tenants(database, SMALL.tenants)
    log = random_log(rng, SMALL)
    db = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(log)
        died = await pipeline.drain(rng, crashes=crashes)
    finally:
        await db.close()
    assert (died > 0) == (crashes > 0)
    expected = served(log_of(log), connections=connections)
    found = told(await read(database), pipeline.broker)
    assert diff(expected, found) == []
