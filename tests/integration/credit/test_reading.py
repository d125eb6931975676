"""What credit reads of a real database: whose touches, how many of them, under which settings."""

from datetime import timedelta

import pytest

from processors.domain.attribution import UNIT
from tests.integration.credit.conftest import Credit
from tests.integration.credit.world import NOON, TENANT, World


async def test_the_touches_of_all_the_persons_ids_count(world: World, credit: Credit) -> None:
    for node in ("visitor:a", "visitor:b", "customer:7"):
        await world.node(node, person="customer:7")
    await world.touch("t1", "visitor:a", days=1)
    await world.touch("t2", "visitor:b", days=2)
    await world.touch("t3", "customer:7", days=3)
    await world.touch("t4", "visitor:stranger", days=1)
    await world.conversion("c1", person_id="customer:7", rev=4)
    (record,) = await credit.ask("c1")
    assert [touch.touchpoint_id for touch in record.touches] == ["t3", "t2", "t1"]
    assert (record.rev, record.epoch, record.state) == (4, await world.epoch(), "ready")


async def test_an_id_in_quarantine_brings_no_touches(world: World, credit: Credit) -> None:
    await world.node("visitor:kiosk", quarantined=True)
    await world.touch("t1", "visitor:kiosk", days=1)
    await world.conversion("c1", person_id="visitor:kiosk")
    (record,) = await credit.ask("c1")
    assert record.state == "unattributed"


async def test_an_order_of_nobody_is_unattributed(world: World, credit: Credit) -> None:
    await world.touch("t1", "event:e1", days=1)
    await world.conversion("c1")
    (record,) = await credit.ask("c1")
    assert (record.state, record.touches) == ("unattributed", ())


async def test_both_ends_of_the_widest_window_are_floored_to_the_second(
    world: World, credit: Credit
) -> None:
    year = 365.0
    within, beyond = timedelta(milliseconds=999), timedelta(milliseconds=1)
    await world.node("visitor:a")
    for name, at in (
        ("old", NOON - timedelta(days=year)),
        ("too old", NOON - timedelta(days=year) - beyond),
        ("late", NOON + within),
        ("too late", NOON + within + beyond),
    ):
        await world.touch(name, "visitor:a", days=0, occurred_at=at)
    converted_at = NOON + timedelta(milliseconds=500)
    await world.conversion("c1", person_id="visitor:a", converted_at=converted_at)
    (record,) = await credit.ask("c1")
    assert [touch.touchpoint_id for touch in record.touches] == ["old", "late"]


async def test_the_first_and_the_newest_touches_count_and_views_take_no_place(
    world: World, credit: Credit
) -> None:
    await world.tenant(max_touches="3", view_window="1d")
    for node in ("visitor:a", "visitor:b"):
        await world.node(node, person="visitor:a")
    for day in range(2, 9):
        await world.touch(f"t{day}", f"visitor:{'ab'[day % 2]}", days=day)
        await world.touch(f"v{day}", "visitor:a", days=day - 0.5, touchpoint_type="view")
    await world.conversion("c1", person_id="visitor:a")
    (record,) = await credit.ask("c1")
    assert [touch.touchpoint_id for touch in record.touches] == ["t8", "t4", "t3", "t2"]


@pytest.mark.parametrize("share_of_one", [0.0, 0.5, 0.97])
async def test_the_newest_touches_count_however_they_lie_among_many_ids(
    world: World, credit: Credit, share_of_one: float
) -> None:
    cap, ids, count = 100, 20, 400
    await world.tenant(max_touches=str(cap))
    for number in range(ids):
        await world.node(f"visitor:{number:02}", person="visitor:00")
    for n in range(count):
        own = 7 if n % 100 < share_of_one * 100 else n % ids
        await world.touch(f"t{n:03}", f"visitor:{own:02}", days=(n + 1) / 10)
    await world.conversion("c1", person_id="visitor:00")
    (record,) = await credit.ask("c1")
    expected = [f"t{n:03}" for n in (count - 1, *reversed(range(cap)))]
    assert [touch.touchpoint_id for touch in record.touches] == expected


async def test_the_first_touch_may_be_among_the_newest(world: World, credit: Credit) -> None:
    await world.tenant(max_touches="2")
    await world.node("visitor:a")
    for day in (1, 2):
        await world.touch(f"t{day}", "visitor:a", days=day)
    await world.conversion("c1", person_id="visitor:a")
    (record,) = await credit.ask("c1")
    assert [touch.touchpoint_id for touch in record.touches] == ["t2", "t1"]


async def test_ties_in_time_at_the_cap_go_by_id(world: World, credit: Credit) -> None:
    await world.tenant(max_touches="2")
    await world.node("visitor:a")
    for name in ("d", "b", "e", "a", "c"):
        await world.touch(name, "visitor:a", days=1)
    await world.conversion("c1", person_id="visitor:a")
    (record,) = await credit.ask("c1")
    assert [touch.touchpoint_id for touch in record.touches] == ["a", "d", "e"]


async def test_clicks_only_leaves_views_out(world: World, credit: Credit) -> None:
    await world.tenant(attribution_mode="clicks_only")
    await world.node("visitor:a")
    await world.touch("seen", "visitor:a", days=1, touchpoint_type="view")
    await world.conversion("c1", person_id="visitor:a")
    assert (await credit.ask("c1"))[0].state == "unattributed"


async def test_the_latest_rate_up_to_the_orders_local_date_holds(
    world: World, credit: Credit
) -> None:
    await world.tenant(currency="EUR", time_zone="Pacific/Auckland")
    await world.rate("USD", "EUR", "2026-03-01", "0.5")
    await world.rate("USD", "EUR", "2026-03-11", "0.25")
    await world.rate("USD", "EUR", "2026-03-12", "0.1")
    await world.conversion("c1")  # noon in UTC is one in the morning of the next day there
    (record,) = await credit.ask("c1")
    assert (record.date, record.revenue_reporting) == ("2026-03-11", 2_500)


async def test_a_zone_that_nobody_has_is_utc(world: World, credit: Credit) -> None:
    await world.tenant(time_zone="Atlantis/Capital")
    await world.conversion("c1")
    assert (await credit.ask("c1"))[0].date == "2026-03-10"


async def test_a_tenant_without_a_row_has_the_defaults(world: World, credit: Credit) -> None:
    await world.conversion("c1")
    await world.conn.execute("DELETE FROM tenants")
    (record,) = await credit.ask("c1")
    assert (record.reporting_currency, record.counts) == ("USD", True)


async def test_all_credit_of_a_conversion_adds_up(world: World, credit: Credit) -> None:
    await world.node("visitor:a")
    for day in range(5):
        await world.touch(f"t{day}", "visitor:a", days=day / 10)
    await world.conversion("c1", person_id="visitor:a", net=9_999)
    (record,) = await credit.ask("c1")
    assert [sum(record.credit[cell::56]) for cell in range(56)] == [UNIT] * 56
    assert [sum(record.touch_revenue[cell::56]) for cell in range(56)] == [9_999] * 56
    assert record.tenant_id == TENANT
