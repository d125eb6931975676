"""Law 7 with replicas: any log, in any order, split among one to four workers of every group that
really run at once and at times die, ends as the oracle says.

Random trials find a planted race only now and then; test_races.py finds each of them on purpose.
"""

import random
from contextlib import AsyncExitStack
from typing import Final

import pytest

from processors.engine.postgres import Database
from tests.integration.pipeline.races import tenants
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import Crew, Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read
from tests.support.told import told

DENSE: Final = Size(tenants=2, visitors=12, customers=5, touches=30, events=20, orders=12,
                    commands=12, purchases=6, spend=4)  # fmt: skip
SPARSE: Final = Size(tenants=3, visitors=30, customers=20, touches=24, events=14, orders=16,
                     commands=6, purchases=6, spend=2)  # fmt: skip
"""One to three events a person."""

LONG_TRIALS: Final = 60


async def _trial(dsn: str, seed: int, *, size: Size, replicas: int, crashes: float) -> list[str]:
    rng = random.Random(f"{seed} {size} {replicas}")
    connections = await tenants(dsn, size.tenants)
    log = random_log(rng, size)
    async with AsyncExitStack() as stack:
        pools = []
        for number in range(replicas):
            db = await Database.connect(
                dsn, role="attributary_processor", application_name=f"crew-{number}", max_size=12
            )
            stack.push_async_callback(db.close)
            pools.append(db)
        pipeline = Pipeline(pools[0])
        await pipeline.feed(log)
        crew = Crew(pipeline, crashes=crashes)
        await crew.drain(rng, pools, most=rng.choice([8, 20, 60]))
    assert (crew.died > 0) == (crashes > 0)
    expected = served(log_of(log), connections=connections)
    found = told(await read(dsn), pipeline.broker)
    return diff(expected, found)


@pytest.mark.parametrize(
    ("size", "replicas", "crashes"),
    [
        (DENSE, 2, 0.0), (DENSE, 3, 0.02), (DENSE, 4, 0.0),
        (SPARSE, 1, 0.02), (SPARSE, 2, 0.02), (SPARSE, 3, 0.0), (SPARSE, 4, 0.02),
    ],
)  # fmt: skip
async def test_replicas_that_run_at_once_end_as_the_oracle_says(
    database: str, size: Size, replicas: int, crashes: float
) -> None:
    found = await _trial(database, replicas, size=size, replicas=replicas, crashes=crashes)
    assert found == [], "\n".join(found)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(LONG_TRIALS))
async def test_many_more_of_them_do(database: str, seed: int) -> None:
    size = DENSE if seed % 2 else SPARSE
    crashes = 0.0 if seed % 3 else 0.03
    replicas = 1 + seed % 4
    found = await _trial(database, 100 + seed, size=size, replicas=replicas, crashes=crashes)
    assert found == [], "\n".join(found)
