"""Refunds and cancellations on a real database: each once, after a purchase that was told."""

import random
from typing import Any

import pytest

from processors.engine.outcome import APPLIED, DUPLICATE, Drop
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform
from schemas.envelope import Consent
from tests.integration.credit.world import NOON, TENANT
from tests.integration.dedupe.conftest import Shop, told
from tests.unit.dedupe.events import order

AT = round(NOON.timestamp() * 1000)
"""When the orders of the shop were paid."""


async def given_back(shop: Shop, *refunds: tuple[str, int], status: str = "refunded") -> None:
    """What identity writes when the shop's next snapshot brings these refunds."""
    snapshot = order(
        order_id="order-c1",
        status=status,
        refunds=[{"refund_id": r, "amount": a, "refunded_at": AT + 9} for r, a in refunds],
    )
    await shop.world.put(
        "order_versions",
        tenant_id=TENANT, conversion_id="c1", content_hash=f"{status}{refunds}", version_at=AT + 10,
        snapshot=snapshot.model_dump_json(exclude_defaults=True),
    )  # fmt: skip
    total = sum(amount for _, amount in refunds)
    await shop.world.conn.execute(
        "UPDATE conversions SET status = $1, refunded = $2,"
        " net = CASE $1 WHEN 'cancelled' THEN 0 ELSE greatest(gross - $2, 0) END",
        status,
        total,
    )


def kinds(result: Any) -> list[tuple[str, str, int | None]]:
    return sorted((d.platform, d.kind, d.value) for d in told(result))


async def test_a_refund_follows_its_purchase_once(shop: Shop) -> None:
    await shop.order()
    await shop.run(await shop.credited(offset=1))
    await given_back(shop, ("r1", 2_000), status="partially_refunded")
    second = await shop.run(await shop.credited(offset=2))
    assert kinds(second) == [("ga4", "refund", 2_000), ("meta", "refund", 2_000)]
    assert {d.occurred_at for d in told(second)} == {AT + 9}
    third = await shop.run(await shop.credited(offset=3))
    assert (second.outcomes, third.outcomes) == ([APPLIED], [DUPLICATE])
    assert third.emits == []


async def test_a_redelivered_record_tells_its_refund_again_whatever_came_since(shop: Shop) -> None:
    await shop.order()
    await given_back(shop, ("r1", 2_000))
    first = await shop.run(await shop.credited(offset=1))
    await given_back(shop, ("r1", 2_000), ("r2", 500))
    await shop.run(await shop.credited(offset=2))
    again = await shop.run(await shop.credited(offset=1))
    assert again.emits == first.emits
    assert len(again.emits) == 4


async def test_a_cancelled_order_is_told_to_those_that_heard_of_it(shop: Shop) -> None:
    await shop.order(
        consent=Consent(ad_storage="denied", ad_user_data="denied", analytics_storage="granted")
    )
    await given_back(shop, status="cancelled")
    result = await shop.run(await shop.credited())
    assert kinds(result) == [("ga4", "cancel", 5_000), ("ga4", "event", 5_000)]


async def test_a_refund_of_a_person_who_revoked_consent_is_told_to_nobody(shop: Shop) -> None:
    await shop.order(person_id="visitor:v1")
    await shop.world.node("visitor:v1")
    await shop.run(await shop.credited(offset=1))
    await given_back(shop, ("r1", 2_000))
    await shop.deny("visitor:v1", 2_000_000_000_000)
    result = await shop.run(await shop.credited(offset=2))
    assert (result.outcomes, result.emits) == ([Drop("consent")], [])


async def test_who_restates_hears_of_the_order_then_what_it_is_worth_then_of_its_end(
    shop: Shop,
) -> None:
    restating: tuple[Platform, ...] = ("google_ads", "microsoft_ads")
    for platform in restating:
        await shop.connect(platform)
    await shop.order(marketing={"gclid": "Cj0K", "msclkid": "dd4afcccb1c9a4cad9544dd7e5006abc"})
    emitted = told(await shop.run(await shop.credited(offset=1)))
    await given_back(shop, ("r1", 2_000), status="partially_refunded")
    emitted += told(await shop.run(await shop.credited(offset=2)))
    await given_back(shop, ("r1", 2_000), status="cancelled")
    emitted += told(await shop.run(await shop.credited(offset=3)))
    for platform in restating:
        own = [d for d in emitted if d.platform == platform]
        assert [(d.kind, d.value) for d in own] == [
            ("event", 5_000), ("adjust", 3_000), ("cancel", 5_000),
        ]  # fmt: skip
        assert [(d.occurred_at, d.converted_at) for d in own] == [
            (AT, None), (AT + 9, AT), (AT + 10, AT),
        ]  # fmt: skip
        assert len({d.event_id for d in own}) == 3
        connector = CONNECTORS[platform].load(lambda: AT + 11)
        assert [connector.refusal(d) for d in own] == [None] * 3
        await connector.close()


@pytest.mark.parametrize("seed", range(3))
async def test_any_split_tells_the_same_refunds(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    await shop.order()
    names = [f"r{n}" for n in range(6)]
    emitted = []
    offset = 0
    for n in range(1, 7):
        await given_back(shop, *((name, 700) for name in names[:n]))
        batch = [await shop.credited(offset=offset + k) for k in range(rng.randint(0, 3))]
        offset += len(batch)
        if batch:
            emitted += told(await shop.run(*batch))
    emitted += told(await shop.run(await shop.credited(offset=offset)))
    of_ga4 = [d for d in emitted if d.platform == "ga4" and d.kind == "refund"]
    assert [d.value for d in of_ga4] == [700] * 6
    assert len({d.event_id for d in of_ga4}) == 6
