"""Shops whose past does not stand still, straight onto THE LOG of a running stack."""

import random

import asyncpg

from processors.engine.kafka import Producer
from processors.engine.processor import Emit
from schemas.command import Command, PromoteModel
from schemas.envelope import Frozen
from tests.e2e.stack import Stack
from tests.support.random_log import Arrival, Size, random_log
from tests.support.random_people import DAY

DAYS = 12
"""Of which the last two are in the view of the last 48 hours."""

_DRAINED_SHARE = 0.2


async def play(stack: Stack, *, seed: int, now: int) -> None:
    """A log of its own for each of two new tenants, one of them calm, up to `now` (epoch
    milliseconds), in random batches; at times all of it is done before more comes."""
    rng = random.Random(f"unsettled {seed}")
    log: Arrival = []
    names: list[str] = []
    for kind, calm in (("calm", True), ("wild", False)):
        size = Size(
            tenants=1, visitors=12, customers=6, touches=30, events=12, orders=16, commands=6,
            purchases=4, spend=8, surveys=2, uploads=1, days=DAYS, start=now - DAYS * DAY,
            prefix=f"{kind}-{seed}", calm=calm,
        )  # fmt: skip
        log += [told for told in random_log(rng, size) if not _is_refused(told[1])]
        names.append(f"{size.prefix}-0")
    rng.shuffle(log)
    await _open(stack.dsn, names)
    producer = Producer(stack.bootstrap)
    await producer.start()
    try:
        while log:
            some = rng.choice([1, 10, 40, 100])
            await producer.send_all([Emit(topic, record) for topic, record in log[:some]])
            log = log[some:]
            if rng.random() < _DRAINED_SHARE:
                await stack.drain()
    finally:
        await producer.stop()
    await stack.drain()


def _is_refused(record: Frozen) -> bool:
    """A promotion of what is no model is a dead letter, and a stack's verdict wants none."""
    match record:
        case Command(body=PromoteModel(document="{}" | "no model")):
            return True
    return False


async def _open(dsn: str, names: list[str]) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.executemany("INSERT INTO tenants VALUES ($1)", [(name,) for name in names])
    finally:
        await conn.close()
