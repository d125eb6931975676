"""The last ad that led a person to a chat, under whichever of their ids, within seven days."""

from typing import Any

import pytest

from tests.integration.credit.world import TENANT
from tests.integration.dedupe.conftest import Shop, told
from tests.unit.dedupe.events import AT, seen

PHONE = f"phone:{'a' * 64}"


@pytest.fixture(autouse=True)
async def chatting(shop: Shop) -> None:
    await shop.world.put(
        "platform_connections",
        tenant_id=TENANT, platform="whatsapp", account_id="77", credentials_encrypted="",
        enabled=True,
    )  # fmt: skip
    for node in (PHONE, "visitor:v1"):
        await shop.world.node(node, person=PHONE)


async def clicked(shop: Shop, name: str, *, days: float, anchor: str = PHONE, **own: Any) -> None:
    await shop.world.touch(name, anchor, days=days, **{"ctwa_clid": name, **own})


async def heard(shop: Shop) -> str | None:
    """The click id that the chat's platform is told with the order."""
    await shop.order(person_id=PHONE)
    result = await shop.run(await shop.credited())
    found = [each for each in told(result) if each.platform == "whatsapp"]
    return found[0].marketing.ctwa_clid if found else None


async def test_the_last_click_before_the_order_under_any_id_is_told(shop: Shop) -> None:
    await clicked(shop, "first", days=3)
    await clicked(shop, "last", days=1, anchor="visitor:v1")
    await clicked(shop, "after", days=-1)
    assert await heard(shop) == "last"


async def test_a_click_is_old_after_seven_days_and_a_view_is_none(shop: Shop) -> None:
    await clicked(shop, "old", days=7.01)
    await clicked(shop, "view", days=1, touchpoint_type="view")
    await clicked(shop, "plain", days=1, ctwa_clid=None)
    assert await heard(shop) is None


async def test_a_click_of_exactly_seven_days_counts(shop: Shop) -> None:
    await clicked(shop, "week", days=7)
    assert await heard(shop) == "week"


async def test_an_id_that_joins_nobody_brings_no_click(shop: Shop) -> None:
    await shop.world.node("device:kiosk", person=PHONE, quarantined=True)
    await clicked(shop, "kiosk", days=1, anchor="device:kiosk")
    assert await heard(shop) is None


async def test_a_click_that_is_learnt_of_later_is_told_with_the_next_credit(shop: Shop) -> None:
    assert await heard(shop) is None
    await clicked(shop, "late", days=1)
    again = await shop.run(await shop.credited(offset=1))
    assert [(each.platform, each.marketing.ctwa_clid) for each in told(again)] == [
        ("whatsapp", "late")
    ]


async def test_a_lead_is_told_with_the_click_of_its_person(shop: Shop) -> None:
    at = await shop.world.conn.fetchval(
        "SELECT to_timestamp($1::float8) - interval '1 hour'", AT / 1000
    )
    await clicked(shop, "ad", days=0, occurred_at=at)
    result = await shop.run(seen(event_name="Lead", event_id="l1"), seen(offset=1))
    chats = [each for each in told(result) if each.platform == "whatsapp"]
    assert [(each.event_name, each.marketing.ctwa_clid) for each in chats] == [
        ("Lead", "ad"), ("AddToCart", "ad"),
    ]  # fmt: skip
