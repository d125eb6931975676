"""Dedupe on a real database: one claim an event, whoever comes, however often."""

import asyncio
import random

import pytest

from processors.engine.outcome import APPLIED, DUPLICATE, Drop
from schemas.envelope import Browser, Identifiers
from tests.integration.credit.world import NOON, TENANT
from tests.integration.dedupe.conftest import Shop, told, topics
from tests.unit.dedupe.events import AT, GRANTED, seen

BOTH = ["deliveries.ga4.v1", "deliveries.meta.v1"]


async def test_an_order_is_told_to_each_platform_once(shop: Shop) -> None:
    await shop.order()
    first = await shop.run(await shop.credited(offset=1))
    again = await shop.run(await shop.credited(offset=2))
    assert (first.outcomes, again.outcomes) == ([APPLIED], [DUPLICATE])
    assert topics([first, again]) == BOTH
    assert {each.order_id for each in told(first)} == {"order-c1"}


async def test_a_redelivered_record_is_emitted_again_word_for_word(shop: Shop) -> None:
    await shop.order()
    batch = [await shop.credited(offset=1), seen(offset=5)]
    first = await shop.run(*batch)
    again = await shop.run(*batch)
    assert again.emits == first.emits
    assert again.outcomes == first.outcomes == [APPLIED, APPLIED]
    counted = await shop.world.conn.fetch(
        "SELECT outcome, sum(n)::int FROM outcome_counts GROUP BY 1"
    )
    assert [tuple(row) for row in counted] == [("applied", 2)]


async def test_the_same_event_twice_is_delivered_once(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        result = await shop.run(seen(offset=1, event_id="e"), seen(offset=2, event_id="e"))
    assert result.outcomes == [APPLIED, DUPLICATE]
    assert topics([result]) == BOTH
    assert caplog.messages == ["Streaming event to platforms", "Duplicate event detected",
        "Duplicate event detected"]  # fmt: skip


async def test_two_writers_share_the_claims(shop: Shop) -> None:
    results = await asyncio.gather(
        *(shop.run(*[seen(offset=n * 10 + k, event_id=f"e{k}") for k in range(5)])
          for n in range(4))
    )  # fmt: skip
    assert topics(results) == sorted(BOTH * 5)


@pytest.mark.parametrize("seed", range(3))
async def test_any_split_of_a_log_delivers_the_same_events(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    log = [seen(offset=n, event_id=f"e{rng.randint(0, 9)}") for n in range(30)]
    expected = {item.value.event.event_id for item in log}  # type: ignore[union-attr]
    emitted = []
    while log:
        size = rng.randint(1, 7)
        emitted += told(await shop.run(*log[:size]))
        log = log[size:]
    for platform in ("meta", "ga4"):
        of_platform = [each.event_id for each in emitted if each.platform == platform]
        assert sorted(of_platform) == sorted(expected)


async def test_a_person_who_revoked_consent_under_another_id_is_left_alone(shop: Shop) -> None:
    for node in ("visitor:v1", "customer:7"):
        await shop.world.node(node, person="customer:7")
    await shop.deny("customer:7", 2_000_000_000_000)
    await shop.order(person_id="customer:7", consent=GRANTED)
    result = await shop.run(await shop.credited(), seen(offset=1, consent=GRANTED))
    assert (result.outcomes, result.emits) == ([Drop("consent")] * 2, [])


async def test_a_decision_under_a_shared_id_binds_nobody_else(shop: Shop) -> None:
    await shop.world.node("visitor:v1")
    await shop.world.node("device:kiosk", quarantined=True)
    await shop.deny("device:kiosk", 2_000_000_000_000)
    await shop.order(person_id="visitor:v1")
    assert (await shop.run(await shop.credited())).outcomes == [APPLIED]


async def test_silence_means_what_the_tenant_says(shop: Shop) -> None:
    await shop.world.tenant(consent_when_absent="denied")
    await shop.order()
    result = await shop.run(await shop.credited(), seen(offset=1))
    assert result.outcomes == [Drop("consent")] * 2


async def test_a_platform_that_is_switched_off_gets_nothing(shop: Shop) -> None:
    await shop.world.conn.execute(
        "UPDATE platform_connections SET enabled = false WHERE platform = 'meta'"
    )
    assert topics([await shop.run(seen())]) == ["deliveries.ga4.v1"]
    await shop.world.conn.execute("DELETE FROM platform_connections")
    assert (await shop.run(seen(offset=1, event_id="e2"))).outcomes == [Drop("no_connection")]


async def test_the_pixels_events_of_the_order_and_its_checkout_contribute(shop: Shop) -> None:
    await shop.order(checkout_id="k1")
    await shop.pixel("by-checkout", checkout_id="k1", identifiers=Identifiers(fbp="p1", fbc="c1"))
    await shop.pixel(
        "by-order",
        event_name="Purchase",
        order_id="order-c1",
        identifiers=Identifiers(fbp="p2"),
        browser=Browser(user_agent="Agent/1"),
    )
    await shop.pixel("other-shop", order_id="order-c1", order_source="till",
                     browser=Browser(ip="203.0.113.7"))  # fmt: skip
    await shop.pixel("an-answer", source="survey", order_id="order-c1",
                     browser=Browser(ip="203.0.113.8"))  # fmt: skip
    result = await shop.run(await shop.credited())
    assert {each.identifiers for each in told(result)} == {Identifiers(fbp="p2", fbc="c1")}
    assert {each.browser for each in told(result)} == {Browser(user_agent="Agent/1")}


async def test_a_claim_remembers_the_event_time_and_no_other(shop: Shop) -> None:
    await shop.run(seen())
    row = await shop.world.conn.fetchrow(
        "SELECT min(extract(epoch FROM first_seen) * 1000)::bigint, count(*) FROM dedupe_keys"
        " WHERE tenant_id = $1",
        TENANT,
    )
    assert row is not None
    assert tuple(row) == (AT, 2)


@pytest.mark.parametrize(
    ("state", "error", "again"),
    [
        ("filtered", "consent_denied", ["deliveries.meta.v1"]),
        ("filtered", "suppressed", ["deliveries.meta.v1"]),
        ("filtered", "not_retractable", []),
        ("sent", None, []),
    ],
)
async def test_what_was_stopped_at_sending_is_told_again_when_consent_allows_it(
    shop: Shop, state: str, error: str | None, again: list[str]
) -> None:
    (first,) = [d for d in told(await shop.run(seen(offset=1))) if d.platform == "meta"]
    await shop.world.put(
        "deliveries",
        tenant_id=TENANT, platform="meta", event_id=first.event_id, kind="event",
        event_name="AddToCart", occurred_at=NOON, state=state, next_attempt_at=NOON,
        deadline_at=NOON, error=error,
    )  # fmt: skip
    second = await shop.run(seen(offset=2))
    assert topics([second]) == again
    assert second.outcomes == [APPLIED if again else DUPLICATE]


async def test_a_purchase_that_was_stopped_goes_out_no_more_once_an_upload_names_another_platform(
    shop: Shop,
) -> None:
    await shop.order()
    found = {d.platform: d for d in told(await shop.run(await shop.credited(offset=1)))}
    for platform in ("meta", "ga4"):
        await shop.world.put(
            "deliveries",
            tenant_id=TENANT, platform=platform, event_id=found[platform].event_id, kind="event",
            event_name="Purchase", occurred_at=NOON, state="filtered", next_attempt_at=NOON,
            deadline_at=NOON, error="consent_denied",
        )  # fmt: skip
    await shop.uploaded("ga4")
    assert topics([await shop.run(await shop.credited(offset=2))]) == ["deliveries.ga4.v1"]
