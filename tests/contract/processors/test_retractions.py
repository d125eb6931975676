"""The random log of the suite brings refunds through dedupe, so that every case
of the suite is about them as well."""

import random

import asyncpg

from processors.engine import codec
from schemas.delivery import Delivery
from tests.contract.processors.stage import Stage, play


async def test_the_log_of_the_suite_retracts_and_never_more_than_was_told(stage: Stage) -> None:
    run = await play(stage, "dedupe", [[stage.inputs("dedupe", random.Random(0))]])
    told = [r for m in run.sent() if isinstance(r := codec.decode(m).value, Delivery)]
    assert {each.kind for each in told} >= {"event", "refund"}
    sums: dict[tuple[str, str, str | None, str | None], int] = {}
    gross = {_order(d): d.value or 0 for d in told if d.kind == "event" and d.order_id}
    bought = {_order(d): d.occurred_at for d in told if d.kind == "event" and d.order_id}
    for each in told:
        assert each.converted_at == (None if each.kind == "event" else bought[_order(each)])
        if each.kind != "event":
            sums[_order(each)] = sums.get(_order(each), 0) + (each.value or 0)
    assert {order for order, total in sums.items() if total > gross[order]} == set()
    conn = await asyncpg.connect(stage.dsn)
    try:
        claimed = await conn.fetchval("SELECT sum(amount)::int FROM dedupe_keys")
    finally:
        await conn.close()
    assert claimed == sum(sums.values()) > 0


def _order(told: Delivery) -> tuple[str, str, str | None, str | None]:
    return told.tenant_id, told.platform, told.source, told.order_id
